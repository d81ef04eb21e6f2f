// SPDX-License-Identifier: Apache-2.0
import { memo, useRef, useState } from "react";
import { cut, number, pieces, spelt } from "../logic/text";

/** Text of the cloud: text nodes only, what is invisible spelt out, the rest cut off at `max`. */
export const Text = memo(function Text({
  text,
  max = 200,
  block = false, // line feeds are lines, not spelt out
}: {
  text: string;
  max?: number;
  block?: boolean;
}) {
  const { head, left } = cut(text, max);
  const all = block
    ? head.split("\n").flatMap((line, index) => [
        ...(index ? [{ text: "\n", escaped: false }] : []),
        ...pieces(line),
      ])
    : pieces(head);
  return (
    <bdi className={block ? "text block" : "text"}>
      {all.map((piece, index) =>
        piece.escaped ? (
          <span className="spelt" key={index}>
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
      {left > 0 && "…"}
    </bdi>
  );
});

/** One line that never grows; the whole of it, within reason, as its title. */
export function Line({ text, max = 160, className = "" }: { text: string; max?: number; className?: string }) {
  return (
    <span className={`one-line ${className}`} title={spelt(cut(text, 400).head)}>
      <Text text={text} max={max} />
    </span>
  );
}

/** A sentence of the core's: what it quotes in backticks is set as code. */
export function Said({ text, max = 1200 }: { text: string; max?: number }) {
  if (text.length > max) return <Long text={text} max={max} block />;
  return (
    <>
      {text.split("`").map((piece, index, all) =>
        index % 2 === 1 && index < all.length - 1 ? (
          <code key={index} className="quoted">
            <Text text={piece} max={max} />
          </code>
        ) : (
          <Text key={index} text={index % 2 === 1 ? `\`${piece}` : piece} max={max} block />
        ),
      )}
    </>
  );
}

/** A text that may be long: its beginning, and the whole on demand. */
export function Long({ text, max = 160, block = false }: { text: string; max?: number; block?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  if (text.length <= max) return <Text text={text} max={max} block={block} />;
  const show = () => {
    setOpen(true);
    dialog.current?.showModal();
  };
  return (
    <>
      <Text text={text} max={max} block={block} />{" "}
      <button type="button" className="link-button" onClick={show}>
        show all {number(text.length)} characters
      </button>
      <dialog ref={dialog} className="full-text" aria-label="The whole text" onClose={() => setOpen(false)}>
        {open && (
          <>
            <button type="button" className="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
            <pre tabIndex={0}>
              <Text text={text} max={1_000_000} block />
            </pre>
          </>
        )}
      </dialog>
    </>
  );
}
