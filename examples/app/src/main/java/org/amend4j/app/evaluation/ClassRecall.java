/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.data.Labelled;

/**
 * How many of a class a classifier finds.
 *
 * @param name of the class
 * @param examples how many of it there are, at least 1
 * @param recall part of them that is taken for it
 */
public record ClassRecall(String name, int examples, double recall) {

    /** Of each class that has examples, in their order. */
    public static List<ClassRecall> of(Labelled examples, Answers answers) {
        int[] counts = counts(examples);
        int[] right = new int[counts.length];
        for (int example = 0; example < examples.size(); example++) {
            int label = examples.label(example);
            right[label] += answers.of(example) == label ? 1 : 0;
        }
        List<ClassRecall> recalls = new ArrayList<>();
        for (int label = 0; label < counts.length; label++) {
            if (counts[label] > 0) {
                recalls.add(new ClassRecall(
                        examples.classes().get(label), counts[label], (double) right[label] / counts[label]));
            }
        }
        return recalls;
    }

    private static int[] counts(Labelled examples) {
        int[] counts = new int[examples.classes().size()];
        for (int example = 0; example < examples.size(); example++) {
            counts[examples.label(example)]++;
        }
        return counts;
    }

    /** The accuracy of always saying the most frequent class. */
    public static double majority(Labelled examples) {
        return (double) Arrays.stream(counts(examples)).max().orElse(0) / examples.size();
    }

    /** The balanced accuracy: the mean of the recalls. */
    public static double balanced(List<ClassRecall> recalls) {
        return recalls.stream().mapToDouble(ClassRecall::recall).average().orElse(0);
    }
}
