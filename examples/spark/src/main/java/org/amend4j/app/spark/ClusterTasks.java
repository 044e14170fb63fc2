/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.io.Serializable;
import java.util.List;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Sentence;
import org.amend4j.data.BadInputException;
import org.amend4j.spark.SparkTasks;

/** Numbered tasks on executors, each by itself. */
record ClusterTasks(SparkTasks cluster) implements NumberedTasks {

    @Override
    public <I extends Serializable, R extends Serializable> List<R> run(
            String what, List<I> inputs, Work<I, R> work, Progress.Stage stage) throws InterruptedException {
        try {
            return cluster.runUnlessInterrupted(
                    "amend4j " + what, inputs.size() + " of them", inputs, work::with, stage::reach);
        } catch (IllegalArgumentException refused) {
            throw new BadInputException(Sentence.of(refused), refused);
        }
    }
}
