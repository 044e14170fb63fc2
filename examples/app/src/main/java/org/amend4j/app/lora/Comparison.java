/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.util.Locale;
import java.util.stream.IntStream;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.data.Labelled;
import org.amend4j.html.HtmlView;

/**
 * The answers of two networks to the same examples.
 *
 * @param examples that both were asked
 * @param before without the adapter
 * @param after with it
 * @param words what the page calls all this
 */
public record Comparison(Labelled examples, Answers before, Answers after, Words words) {

    /**
     * For a page.
     *
     * @param examples which they are, after a number
     * @param before the network without the adapter
     * @param after the network with it
     * @param order that they are in
     */
    public record Words(String examples, String before, String after, String order) {}

    /** Right before and after, or not. */
    enum Change {
        RIGHT_TO_RIGHT,
        WRONG_TO_RIGHT,
        RIGHT_TO_WRONG,
        WRONG_TO_WRONG
    }

    private boolean isRight(Answers answers, int example) {
        return answers.of(example) == examples.label(example);
    }

    private Change change(int example) {
        if (isRight(before, example)) {
            return isRight(after, example) ? Change.RIGHT_TO_RIGHT : Change.RIGHT_TO_WRONG;
        }
        return isRight(after, example) ? Change.WRONG_TO_RIGHT : Change.WRONG_TO_WRONG;
    }

    /** The examples of a class of changes, in their order. */
    int[] of(Change change) {
        return IntStream.range(0, examples.size())
                .filter(example -> change(example) == change)
                .toArray();
    }

    /** How many of each. */
    public Changes changes() {
        return new Changes(
                of(Change.RIGHT_TO_RIGHT).length,
                of(Change.WRONG_TO_RIGHT).length,
                of(Change.RIGHT_TO_WRONG).length,
                of(Change.WRONG_TO_WRONG).length);
    }

    /** The counts as a table, and a few examples if they are pictures. */
    public HtmlView view() {
        return new ComparisonView(this);
    }

    /** What a network says, with how sure it is. */
    String said(Answers answers, int example) {
        return String.format(
                Locale.ROOT,
                "%s, %.0f %%",
                examples.classes().get(answers.of(example)),
                100 * answers.probability(example));
    }

    boolean hasPictures() {
        return Thumbnail.of(examples, 0).isPresent();
    }
}
