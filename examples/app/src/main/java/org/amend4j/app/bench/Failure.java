/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import org.amend4j.app.job.Sentence;

/**
 * Something that was to be measured and could not be.
 *
 * @param what was to be done
 * @param shape how large; empty if there is only one
 * @param error why not, a sentence
 */
record Failure(String what, String shape, String error) {

    Failure(String what, String shape, Throwable error) {
        this(what, shape, error.getClass().getSimpleName() + ": " + Sentence.of(error));
    }

    @Override
    public String toString() {
        return what + (shape.isEmpty() ? "" : ", " + shape) + ": " + error;
    }
}
