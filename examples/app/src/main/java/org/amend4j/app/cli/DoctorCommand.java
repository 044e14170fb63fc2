/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.amend4j.app.job.Json;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.internal.cuda.driver.GpuProbe;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import picocli.CommandLine.Command;

/** Says what amend4j runs on, and what slows it down. */
@Command(
        name = "doctor",
        description = "Shows Java, the native libraries in use, threads, memory, the GPU and"
                + " what is missing to compute on it.")
final class DoctorCommand extends PageJob {

    @Override
    String title() {
        return "This machine";
    }

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    /** All that it says. */
    private record Findings(String amend4j, @JsonUnwrapped Machine machine, Machine.Gpu gpu, DeviceFacts device) {}

    @Override
    Report run(Progress progress) {
        Machine machine = Machine.here();
        DeviceFacts device = DeviceFacts.of(GpuProbe.probe());
        JsonNode findings = Json.tree(new Findings(Version.number(), machine, Machine.Gpu.here(), device));
        return new Report(findings, text(findings))
                .saying("amend4j " + Version.number() + " on Java " + System.getProperty("java.specification.version")
                        + " and " + System.getProperty("os.name") + "; below is what it finds, and what to mend.")
                .showing(new DoctorView(machine, device, EmulatedDevice.missing()));
    }

    private static String text(JsonNode findings) {
        StringBuilder lines = new StringBuilder();
        findings.properties().forEach(topic -> {
            if (topic.getValue().isObject()) {
                lines.append(topic.getKey()).append('\n');
                topic.getValue()
                        .properties()
                        .forEach(detail -> lines.append(String.format(
                                Locale.ROOT, "  %-14s %s%n", detail.getKey(), onLines(detail.getValue()))));
            } else {
                lines.append(String.format(
                        Locale.ROOT,
                        "%-16s %s%n",
                        topic.getKey(),
                        topic.getValue().asText()));
            }
        });
        return lines.toString().stripTrailing();
    }

    private static String onLines(JsonNode detail) {
        if (!detail.isArray()) {
            return detail.asText();
        }
        return detail.isEmpty()
                ? "nothing"
                : StreamSupport.stream(detail.spliterator(), false)
                        .map(JsonNode::asText)
                        .collect(Collectors.joining("\n" + " ".repeat(17)));
    }
}
