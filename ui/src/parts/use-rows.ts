// SPDX-License-Identifier: Apache-2.0
import { type RefObject, useCallback, useLayoutEffect, useState } from "react";
import { flushSync } from "react-dom";
import { type Align, scrollTo, sight, size } from "../logic/rows";

/**
 * The rows of a scrolling box that are in sight (logic/rows.ts), drawn again as they change. `head`
 * is the height of what stays at the box's upper edge.
 */
export function useRows(box: RefObject<HTMLElement | null>, count: number, height: number, overscan: number, head = 0) {
  const [place, setPlace] = useState({ top: 0, view: 600 });
  const look = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const next = { top: element.scrollTop, view: (element.clientHeight || 600) - head };
    setPlace((now) => (now.top === next.top && now.view === next.view ? now : next));
  }, [box, head]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // In the frame of the scrolling itself: a moment later the sight would be empty.
    const moved = () => flushSync(look);
    element.addEventListener("scroll", moved, { passive: true });
    const observer = typeof ResizeObserver === "undefined" ? undefined : new ResizeObserver(look);
    observer?.observe(element);
    look();
    return () => {
      element.removeEventListener("scroll", moved);
      observer?.disconnect();
    };
  }, [box, look]);

  const rows = { count, height };
  const seen = sight(rows, place.top, place.view, overscan);
  const go = useCallback(
    (index: number, align?: Align) => {
      const element = box.current;
      if (!element) return;
      const view = (element.clientHeight || 600) - head;
      element.scrollTop = scrollTo({ count, height }, element.scrollTop, view, index, align);
      look();
    },
    [box, count, height, head, look],
  );
  return {
    size: size(rows),
    first: seen.first,
    last: seen.last,
    top: seen.top,
    indexes: Array.from({ length: Math.max(0, seen.last - seen.first + 1) }, (_, index) => seen.first + index),
    go,
  };
}
