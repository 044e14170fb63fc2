/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The result of a job.
 *
 * @param facts for {@code --json}, as {@link Json} writes them
 * @param text for people
 */
public record Report(Object facts, String text) {

    /** The facts as indented JSON. */
    public String json() {
        return Json.text(facts);
    }

    /** The facts as JSON, to look something up. */
    public JsonNode tree() {
        return Json.tree(facts);
    }
}
