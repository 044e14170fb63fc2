/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/** The classes of a classifier in its {@code config.json}. */
final class ClassLabels {

    /** Classes that a few bytes of a file can ask for. */
    private static final int MOST_WITHOUT_NAMES = 10_000;

    private ClassLabels() {}

    /** @throws IllegalArgumentException if they are not classes of which each example has one */
    static EncoderHead.Classifier read(ConfigFields fields) {
        String problem = fields.text("problem_type").orElse("single_label_classification");
        if (!problem.equals("single_label_classification")) {
            throw new IllegalArgumentException(
                    "'problem_type' must be \"single_label_classification\", got " + Printable.quoted(problem));
        }
        Map<String, String> names = fields.names("id2label");
        int count = names.isEmpty()
                ? Checks.inRange(2, MOST_WITHOUT_NAMES, "num_labels", fields.integer("num_labels", 2))
                : names.size();
        return new EncoderHead.Classifier(IntStream.range(0, count)
                .mapToObj(index -> names.isEmpty() ? "LABEL_" + index : label(names, index))
                .toList());
    }

    private static String label(Map<String, String> names, int index) {
        String label = names.get(String.valueOf(index));
        if (label == null) {
            throw new IllegalArgumentException(
                    "'id2label' must name the classes 0 to " + (names.size() - 1) + ", there is none of " + index);
        }
        return label;
    }

    static void put(ObjectNode object, List<String> labels) {
        ObjectNode names = object.putObject("id2label");
        ObjectNode numbers = object.putObject("label2id");
        for (int index = 0; index < labels.size(); index++) {
            names.put(String.valueOf(index), labels.get(index));
            numbers.put(labels.get(index), index);
        }
    }
}
