/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.job.Progress;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.app.lora.Losses;
import org.amend4j.data.ClassWeights;
import org.amend4j.html.HtmlView;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.StartData;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What an adapter learns from: the user's examples, some of them held back. */
interface TrainingTask {

    /** All of them. */
    int size();

    /** The classes' names, where it is about classes. */
    List<String> classes();

    /** Which examples they are, in words by name. */
    Map<String, String> settings();

    /** The features of the first few, as the base takes them. */
    INDArray first(int examples);

    /** Examples to train on, for a start that looks at some. */
    StartData start();

    /**
     * Trains.
     *
     * @throws org.amend4j.data.BadInputException if the loss is not finite any more
     * @throws InterruptedException if the process is to be stopped; what was reached is kept
     */
    Learnt learn(AdaptedModel adapted, Compute compute, Checkpoints checkpoints, Progress progress)
            throws IOException, InterruptedException;

    /** Leaves in an adapter's folder what its use has to know of the examples. */
    void record(Path folder) throws IOException;

    /**
     * What came of it.
     *
     * @param losses where the training began and ended
     * @param frozenLayers where those below everything that trains were computed, and why there
     * @param heldBack on the examples held back, if there were any
     */
    record Learnt(Losses losses, String frozenLayers, Optional<HeldBack> heldBack) {}

    /**
     * How well the adapter does on examples that it has not seen.
     *
     * @param facts for JSON, a record
     * @param words half a sentence
     * @param base makes the comparison with the base alone, which only a page needs
     */
    record HeldBack(Object facts, String words, Supplier<Base> base) {}

    /**
     * The base alone.
     *
     * @param facts for JSON, a record
     * @param view of both, side by side, if there is one
     */
    record Base(Object facts, Optional<HtmlView> view) {}

    /**
     * How to train.
     *
     * @param batch examples a step, if there are as many
     * @param validation part of the examples that is held back, in [0, 1)
     * @param cache where activations of frozen layers stay, if they do
     * @param weights of classes
     */
    record Course(int epochs, int batch, long seed, double validation, Optional<Path> cache, ClassWeights weights) {

        /** Which of some examples an epoch has, where their labels are indices of classes. */
        int[] epoch(List<String> classes, int... labels) {
            return weights.epoch(classes, labels, seed);
        }

        /** Whether some examples count more than others. */
        boolean isWeighed() {
            return !(weights instanceof ClassWeights.Alike);
        }
    }
}
