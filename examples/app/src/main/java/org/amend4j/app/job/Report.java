/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.data.WholeFile;

/**
 * The result of a job.
 *
 * @param facts for {@code --json}, as {@link Json} writes them
 * @param text for people
 * @param kept where the facts were written, if they were
 */
public record Report(Object facts, String text, Optional<Kept> kept) {

    /**
     * What a job leaves of its report.
     *
     * @param json the file with the facts
     * @param title of a page about them
     * @param figures SVG files, in the order in which the page shows them
     */
    public record Kept(Path json, String title, List<Path> figures) {

        /** Copies the list. */
        public Kept {
            figures = List.copyOf(figures);
        }
    }

    /** One that is not written anywhere. */
    public Report(Object facts, String text) {
        this(facts, text, Optional.empty());
    }

    /** Writes the facts to a file. Where it is, the job was finished: figures are written before. */
    public Report keep(Path json, String title, List<Path> figures) throws IOException {
        WholeFile.write(json, (json() + "\n").getBytes(StandardCharsets.UTF_8));
        return new Report(facts, text, Optional.of(new Kept(json, title, figures)));
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
