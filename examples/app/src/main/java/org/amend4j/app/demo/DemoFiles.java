/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.app.lora.MethodFiles;

/** What the demo leaves in its output folder. */
final class DemoFiles {

    private DemoFiles() {}

    /** Adapter and classifier are directories, what full fine-tuning changed is a DL4J zip. */
    static MethodFiles methods(Path out) {
        return MethodFiles.in(out, "head", "adapter", "full.zip");
    }

    /** The frozen network with an untrained classifier, as a DL4J zip: adapters are loaded onto it. */
    static Path base(Path out) {
        return out.resolve("base.zip");
    }

    /** Activations of the frozen layers; may be deleted at any time. */
    static Path cache(Path out) {
        return out.resolve("cache");
    }

    /**
     * What lies where, and what to try with it.
     *
     * @param fully whether full fine-tuning was part of the job
     */
    static String whereToLook(Path out, boolean fully) {
        MethodFiles methods = methods(out);
        List<String> there = List.of(
                "chart.png, chart.svg   accuracy against seconds of training",
                "report.html            a page: chart, what is adapted, pictures with answers; report.json has all numbers",
                "base.zip               the frozen network, plain Deeplearning4j",
                "adapter/               what LoRA learnt for it, as Hugging Face PEFT reads it",
                "head/                  the classifier alone");
        List<String> next = List.of(
                "./amend4j lora info " + methods.adapter(),
                "./amend4j lora merge --model " + base(out) + " --adapter " + methods.adapter() + " --out "
                        + out.resolve("merged.zip"),
                "./amend4j lora train --help      your own network and data");
        return fully
                ? methods.whereToLook(with(there, "full.zip               the fine-tuned blocks"), next)
                : methods.whereToLook(there, with(next, "./amend4j demo --full            full fine-tuning beside it"));
    }

    private static List<String> with(List<String> lines, String last) {
        return Stream.concat(lines.stream(), Stream.of(last)).toList();
    }
}
