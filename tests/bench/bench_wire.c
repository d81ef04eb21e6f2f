/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

#include "escher/aws/sigv4.h"
#include "escher/aws/wire.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "tests/bench/bench.h"

/*
 * usage: bench-wire FILE
 *
 * One answer of EC2 with a thousand instances, 2.6 kB each as real ones are, from bytes to what the
 * AWS CLI prints; FILE gets the answer, for others to read. And one call made and signed. Both are
 * the processor's time.
 */

enum {
    INSTANCES = 1000,
    ROUNDS = 30,
};

static void add_network(struct esc_buf *xml, unsigned id)
{
    esc_buf_printf(
        xml,
        "<networkInterfaceSet><item><networkInterfaceId>eni-%08x</networkInterfaceId><subnetId>"
        "subnet-0a1b2c3d</subnetId><vpcId>vpc-0a1b2c3d</vpcId><description/><ownerId>123456789012"
        "</ownerId><status>in-use</status><macAddress>02:00:00:%02x:%02x:01</macAddress>"
        "<privateIpAddress>10.0.%u.%u</privateIpAddress><sourceDestCheck>true</sourceDestCheck>"
        "<groupSet><item><groupId>sg-0a1b2c3d</groupId><groupName>default</groupName></item>"
        "</groupSet><attachment><attachmentId>eni-attach-%08x</attachmentId><deviceIndex>0"
        "</deviceIndex><status>attached</status><attachTime>2026-03-01T09:12:00.000Z</attachTime>"
        "<deleteOnTermination>true</deleteOnTermination></attachment><privateIpAddressesSet><item>"
        "<privateIpAddress>10.0.%u.%u</privateIpAddress><primary>true</primary></item>"
        "</privateIpAddressesSet></item></networkInterfaceSet>",
        id, id >> 8 & 255, id & 255, id >> 8 & 255, id & 255, id, id >> 8 & 255, id & 255);
}

static void add_instance(struct esc_buf *xml, unsigned id)
{
    esc_buf_printf(
        xml,
        "<item><reservationId>r-%08x</reservationId><ownerId>123456789012</ownerId><groupSet/>"
        "<instancesSet><item><instanceId>i-0abcdef00%08x</instanceId><imageId>ami-0a1b2c3d4e5f"
        "</imageId><instanceState><code>16</code><name>running</name></instanceState>"
        "<privateDnsName>ip-10-0-0-1.ec2.internal</privateDnsName><dnsName/><reason/><keyName>ops"
        "</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>m6i.large"
        "</instanceType><launchTime>2026-03-01T09:12:00.000Z</launchTime><placement>"
        "<availabilityZone>eu-west-1a</availabilityZone><groupName/><tenancy>default</tenancy>"
        "</placement><platformDetails>Linux/UNIX</platformDetails><monitoring><state>disabled"
        "</state></monitoring><subnetId>subnet-0a1b2c3d</subnetId><vpcId>vpc-0a1b2c3d</vpcId>"
        "<sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-0a1b2c3d</groupId>"
        "<groupName>default</groupName></item></groupSet><architecture>x86_64</architecture>"
        "<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>"
        "<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-%08x"
        "</volumeId><status>attached</status><attachTime>2026-03-01T09:12:00.000Z</attachTime>"
        "<deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>"
        "<virtualizationType>hvm</virtualizationType><clientToken/><tagSet><item><key>Name</key>"
        "<value>web-%u</value></item><item><key>Environment</key><value>production</value></item>"
        "</tagSet><hypervisor>xen</hypervisor>",
        id, id, id, id);
    add_network(xml, id);
    esc_buf_add_text(
        xml,
        "<ebsOptimized>false</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>"
        "1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions><metadataOptions><state>"
        "applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2"
        "</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint></metadataOptions>"
        "</item></instancesSet></item>");
}

static void make_answer(struct esc_buf *xml)
{
    esc_buf_add_text(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeInstancesResponse "
                          "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><reservationSet>");
    for (unsigned i = 0; i < INSTANCES; i++)
        add_instance(xml, i);
    esc_buf_add_text(xml, "</reservationSet></DescribeInstancesResponse>");
}

/* The heap is tidied between rounds: what freeing leaves undone would be paid by the next one. */
static void read_answer(const struct esc_operation *operation, struct esc_str xml)
{
    struct bench_samples reading = {0}, freeing = {0};
    const struct esc_http_response response = {.status = 200, .body = xml};
    for (size_t i = 0; i < ROUNDS; i++) {
        struct esc_json *output = NULL;
        struct esc_aws_fault fault;
        struct esc_error err;
        const uint64_t begin_ns = bench_cpu_ns();
        bench_need(esc_wire_answer_read(operation, &response, &output, &fault, &err), &err);
        const uint64_t read_ns = bench_cpu_ns();
        esc_json_free(output);
        (void)malloc_trim(0); /* whether it gave something back does not matter */
        bench_add(&reading, (double)(read_ns - begin_ns) / 1e6);
        bench_add(&freeing, (double)(bench_cpu_ns() - read_ns) / 1e6);
    }
    bench_say_samples("1,000 instances of XML", "ms", &reading);
    bench_say_samples("freeing what they became", "ms", &freeing);
}

static void make_call(const struct esc_operation *operation, const struct esc_json *params,
                      const struct esc_credentials *keys)
{
    const struct esc_sigv4_options options = {
        .credentials = keys, .region = "eu-west-1", .service = "ec2", .now_ms = 1767225600000};
    const struct esc_http_header host = {"Host", "ec2.eu-west-1.amazonaws.com"};
    struct esc_wire_request made;
    struct esc_sigv4_headers headers;
    struct esc_error err;
    bench_need(esc_wire_request_make(operation, params, &made, &err), &err);
    const struct esc_sigv4_request request = {.method = esc_str_of(made.method),
                                              .path = made.path,
                                              .headers = &host,
                                              .header_count = 1,
                                              .body = made.body};
    bench_need(esc_sigv4_sign(&options, &request, &headers, &err), &err);
    esc_sigv4_headers_done(&headers);
    esc_wire_request_done(&made);
}

static void make_calls(const struct esc_operation *operation)
{
    struct bench_samples samples = {0};
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
    struct esc_credentials *keys = esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "secret", NULL, 0);
    bench_need(esc_json_parse(ESC_STR("{\"MaxResults\": 1000}"), NULL, &params, &err), &err);
    for (size_t i = 0; i < ROUNDS * 100; i++) {
        const uint64_t begin_ns = bench_cpu_ns();
        make_call(operation, params, keys);
        bench_add(&samples, (double)(bench_cpu_ns() - begin_ns) / 1e3);
    }
    bench_say_samples("a call made and signed", "us", &samples);
    esc_credentials_free(keys);
}

int main(int argc, char **argv)
{
    const struct esc_operation *operation = esc_operation_find("ec2", "DescribeInstances");
    struct esc_buf xml;
    struct esc_error err;
    if (argc != 2) {
        (void)fputs("usage: bench-wire FILE\n", stderr);
        return 2;
    }
    esc_buf_init(&xml, ESC_MAX_RESPONSE);
    make_answer(&xml);
    bench_need(esc_buf_status(&xml, "the answer", &err), &err);
    bench_need(esc_file_replace(argv[1], esc_buf_str(&xml), 0644, &err), &err);
    read_answer(operation, esc_buf_str(&xml));
    make_calls(operation);
    esc_buf_done(&xml);
    return 0;
}
