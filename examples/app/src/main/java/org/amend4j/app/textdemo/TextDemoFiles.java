/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.nio.file.Path;
import java.util.List;
import org.amend4j.app.lora.MethodFiles;

/** What the demo leaves in its output folder. */
final class TextDemoFiles {

    private TextDemoFiles() {}

    /** What tells categories, folders all. */
    static MethodFiles categories(Path out) {
        return MethodFiles.in(out, "categories-head", "categories-lora", "categories-last-layers");
    }

    /** MiniLM's folder. */
    static Path encoder(Path out) {
        return out.resolve("minilm");
    }

    /** The language model's folder. */
    static Path decoder(Path out) {
        return out.resolve("austen");
    }

    /** The adapter that writes as another author. */
    static Path author(Path out) {
        return out.resolve("melville-lora");
    }

    /** What lies where, and what to try with it. */
    static String whereToLook(Path out) {
        List<String> there = List.of(
                "chart.png, *.svg           accuracies and perplexities against seconds of training",
                "report.html                a page: charts and continuations; report.json has all numbers",
                "minilm/, austen/           the base models, as Hugging Face saves them",
                "categories-lora/, -head/, -last-layers/   what was learnt for minilm/",
                "melville-lora/             what was learnt for austen/, as Hugging Face PEFT reads it");
        List<String> next = List.of(
                "./amend4j generate --base " + decoder(out) + " --adapter " + author(out)
                        + " --prompt 'The captain' --temperature 0.8 --tokens 100",
                "./amend4j embed --base " + encoder(out)
                        + " --text 'a cat' --text 'a kitten' --text 'the stock market'",
                "./amend4j lora train --base " + decoder(out) + " --text FILE --out DIR      your own text");
        return categories(out).whereToLook(there, next);
    }
}
