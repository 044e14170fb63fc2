package org.amend4j.examples.demo;

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
}
