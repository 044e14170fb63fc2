/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.files.WholeFile;
import org.amend4j.html.HtmlView;

/**
 * The result of a job.
 *
 * @param facts for {@code --json}, as {@link Json} writes them
 * @param text for people
 * @param look what a page about the facts has
 * @param kept where the facts were written, if they were
 */
public record Report(Object facts, String text, Look look, Optional<Path> kept) {

    /**
     * What a page has in addition to text and facts.
     *
     * @param title empty if it is not kept
     * @param result the outcome, in a sentence; empty if that is the text's first line outside a table
     * @param figures SVG files, in the order in which the page shows them
     * @param views parts of the page after the figures, each with a heading of its own
     */
    public record Look(String title, String result, List<Path> figures, List<HtmlView> views) {

        /** Copies the lists. */
        public Look {
            figures = List.copyOf(figures);
            views = List.copyOf(views);
        }
    }

    /** One that is not written anywhere. */
    public Report(Object facts, String text) {
        this(facts, text, new Look("", "", List.of(), List.of()), Optional.empty());
    }

    /** With parts of its page. */
    public Report showing(HtmlView... views) {
        return showing(List.of(views));
    }

    /** As {@link #showing(HtmlView...)}. */
    public Report showing(List<HtmlView> views) {
        return new Report(facts, text, new Look(look.title(), look.result(), look.figures(), views), kept);
    }

    /** With the first sentence of its page: what came out. */
    public Report saying(String result) {
        return new Report(facts, text, new Look(look.title(), result, look.figures(), look.views()), kept);
    }

    /** What came out, in a sentence. */
    public String result() {
        return look.result().isEmpty()
                ? text.strip()
                        .lines()
                        .filter(line -> !line.isBlank() && !line.strip().contains("  "))
                        .findFirst()
                        .orElse(text.strip().lines().findFirst().orElse(""))
                : look.result();
    }

    /** Writes the facts to a file. Where it is, the job was finished: figures are written before. */
    public Report keep(Path json, String title, List<Path> figures) throws IOException {
        WholeFile.write(json, (json() + "\n").getBytes(StandardCharsets.UTF_8));
        return new Report(facts, text, new Look(title, look.result(), figures, look.views()), Optional.of(json));
    }

    /** The facts as indented JSON. */
    public String json() {
        return Json.text(facts);
    }

    /** The facts as JSON, to look something up. */
    public JsonNode tree() {
        return Json.tree(facts);
    }
}
