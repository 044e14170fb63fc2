/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a comparison of methods leaves in its output folder.
 *
 * @param out the folder
 * @param head what a classifier alone learned
 * @param adapter what LoRA learned
 * @param full what full fine-tuning changed
 */
public record MethodFiles(Path out, Path head, Path adapter, Path full) {

    /** By names within the folder. */
    public static MethodFiles in(Path out, String head, String adapter, String full) {
        return new MethodFiles(out, out.resolve(head), out.resolve(adapter), out.resolve(full));
    }

    /** All numbers. */
    public Path report() {
        return out.resolve("report.json");
    }

    /**
     * What lies where, and what to try with it.
     *
     * @param there a line for each name
     * @param next commands
     */
    public String whereToLook(List<String> there, List<String> next) {
        return Stream.of(Stream.of("In " + out + ":"), indented(there), Stream.of("Next:"), indented(next))
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n"));
    }

    private static Stream<String> indented(List<String> lines) {
        return lines.stream().map(line -> "  " + line);
    }
}
