/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.cuda.driver.GpuProbe;
import picocli.CommandLine.Command;

/** Says what amend4j runs on, and what slows it down. */
@Command(
        name = "doctor",
        description = "Shows Java, the native libraries in use, threads, memory, the GPU and"
                + " what is missing to compute on it.")
final class DoctorCommand extends Job {

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("amend4j", Version.number());
        facts.put("java", Machine.java());
        facts.put("system", Machine.system());
        facts.put("nd4j", Machine.nd4j());
        facts.put("openmp", Machine.openMp());
        facts.put("memory", Machine.memory());
        facts.put("gpu", Machine.gpu());
        facts.put("device", DeviceFacts.of(GpuProbe.probe()));
        return new Report(facts, text(facts));
    }

    private static String text(Map<String, Object> facts) {
        StringBuilder lines = new StringBuilder();
        facts.forEach((topic, value) -> {
            if (value instanceof Map<?, ?> details) {
                lines.append(topic).append('\n');
                details.forEach((key, detail) ->
                        lines.append(String.format(java.util.Locale.ROOT, "  %-14s %s%n", key, onLines(detail))));
            } else {
                lines.append(String.format(java.util.Locale.ROOT, "%-16s %s%n", topic, value));
            }
        });
        return lines.toString().stripTrailing();
    }

    private static String onLines(Object detail) {
        if (detail instanceof List<?> list) {
            return list.isEmpty()
                    ? "nothing"
                    : list.stream().map(Object::toString).collect(Collectors.joining("\n" + " ".repeat(17)));
        }
        return detail.toString();
    }
}
