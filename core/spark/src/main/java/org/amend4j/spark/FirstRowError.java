/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import org.apache.spark.util.AccumulatorV2;

/**
 * Why rows are no records: the first sentence of all, in the order of texts. A smallest one does not depend on who says it when, nor on
 * how often.
 */
final class FirstRowError extends AccumulatorV2<String, String> {

    private static final long serialVersionUID = 1;
    private static final String NONE = "";

    private String sentence = NONE;

    @Override
    public boolean isZero() {
        return sentence.isEmpty();
    }

    @Override
    public FirstRowError copy() {
        FirstRowError copy = new FirstRowError();
        copy.sentence = sentence;
        return copy;
    }

    @Override
    public void reset() {
        sentence = NONE;
    }

    @Override
    public void add(String other) {
        if (!other.isEmpty() && (sentence.isEmpty() || other.compareTo(sentence) < 0)) {
            sentence = other;
        }
    }

    @Override
    public void merge(AccumulatorV2<String, String> other) {
        add(other.value());
    }

    /** Empty if there is none. */
    @Override
    public String value() {
        return sentence;
    }
}
