/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs pieces of work that do not depend on one another, here or on a cluster. What a piece gives is a function of its input alone, so that it does
 * not matter where it is done, in which order, or whether twice; results come in the order of the inputs.
 */
public interface NumberedTasks {

    /** One after the other, in this thread. */
    NumberedTasks HERE = new NumberedTasks() {
        @Override
        public <I extends Serializable, R extends Serializable> List<R> run(
                String what, List<I> inputs, Work<I, R> work, Progress.Stage stage)
                throws IOException, InterruptedException {
            List<R> results = new ArrayList<>();
            for (I input : inputs) {
                results.add(work.with(input));
                stage.step(1);
            }
            return results;
        }
    };

    /**
     * A piece of work, which may be sent to another process with everything it refers to.
     *
     * @param <I> what it is done with
     * @param <R> what it gives
     */
    @FunctionalInterface
    interface Work<I extends Serializable, R extends Serializable> extends Serializable {

        /** Does it. */
        R with(I input) throws IOException, InterruptedException;
    }

    /**
     * Does the work with every input.
     *
     * @param what it is, for pages of a cluster
     * @param stage is told of every piece that is done
     * @return what they gave, in the order of the inputs
     * @throws RuntimeException what a piece of work threw, that of the first of several
     * @throws InterruptedException if this thread is interrupted; what runs elsewhere is interrupted, too
     */
    <I extends Serializable, R extends Serializable> List<R> run(
            String what, List<I> inputs, Work<I, R> work, Progress.Stage stage)
            throws IOException, InterruptedException;
}
