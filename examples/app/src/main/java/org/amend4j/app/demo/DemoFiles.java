/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.nio.file.Path;

/** What the demo leaves in its output folder. */
final class DemoFiles {

    private DemoFiles() {}

    /** The frozen network with an untrained classifier, as a DL4J zip: adapters are loaded onto it. */
    static Path base(Path out) {
        return out.resolve("base.zip");
    }

    /** The LoRA adapter's directory. */
    static Path adapter(Path out) {
        return out.resolve("adapter");
    }

    /** The trained classifier's directory. */
    static Path head(Path out) {
        return out.resolve("head");
    }

    /** What full fine-tuning changed, as a DL4J zip. */
    static Path full(Path out) {
        return out.resolve("full.zip");
    }

    /** Activations of the frozen layers; may be deleted at any time. */
    static Path cache(Path out) {
        return out.resolve("cache");
    }

    static Path report(Path out) {
        return out.resolve("report.json");
    }

    /**
     * What lies where, and what to try with it.
     *
     * @param fully whether full fine-tuning was part of the job
     */
    static String whereToLook(Path out, boolean fully) {
        return String.join(
                "\n",
                "In " + out + ":",
                "  chart.png, chart.svg   accuracy against seconds of training",
                "  report.html            a page: chart, what is adapted, pictures with answers; report.json has all numbers",
                "  base.zip               the frozen network, plain Deeplearning4j",
                "  adapter/               what LoRA learnt for it, as Hugging Face PEFT reads it",
                "  head/                  the classifier alone"
                        + (fully ? "\n  full.zip               the fine-tuned blocks" : ""),
                "Next:",
                "  ./amend4j lora info " + adapter(out),
                "  ./amend4j lora merge --model " + base(out) + " --adapter " + adapter(out) + " --out "
                        + out.resolve("merged.zip"),
                "  ./amend4j lora train --help      your own network and data"
                        + (fully ? "" : "\n  ./amend4j demo --full            full fine-tuning beside it"));
    }
}
