/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.network.Window;

/**
 * Which sources each target takes from, along one axis of a window: a convolution's outputs from its inputs, or in a gradient the
 * inputs from the outputs. Every s-th pixel being a phase, a tap is a run of neighbouring targets of one phase that take from
 * neighbouring sources of one phase; what the padding would give is left out.
 *
 * @param targetStep number of phases of the targets
 * @param sourceStep number of phases of the sources; it or the other is 1
 */
record Reach(int targets, int targetStep, int sources, int sourceStep, List<Run> runs) {

    /**
     * The targets [from, to) of a phase, counted within it, take from the sources [from + shift, to + shift) of another.
     *
     * @param tap the window's
     */
    record Run(int tap, int targetPhase, int sourcePhase, int shift, int from, int to) {

        private Run inverse() {
            return new Run(tap, sourcePhase, targetPhase, -shift, from + shift, to + shift);
        }
    }

    /** From inputs to outputs. */
    static Reach outputs(Window.Span span, int inputs) {
        List<Run> runs = new ArrayList<>();
        int step = span.step();
        for (int tap = 0; tap < span.kernel(); tap++) {
            int first = tap * span.dilation() - span.pad();
            int phase = Math.floorMod(first, step);
            int shift = Math.floorDiv(first, step);
            int from = Math.max(0, -shift);
            int to = Math.min(span.out(), inPhase(inputs, step, phase) - shift);
            if (from < to) {
                runs.add(new Run(tap, 0, phase, shift, from, to));
            }
        }
        return new Reach(span.out(), 1, inputs, step, List.copyOf(runs));
    }

    /** From outputs to inputs. */
    static Reach inputs(Window.Span span, int inputs) {
        Reach outputs = outputs(span, inputs);
        return new Reach(
                inputs,
                span.step(),
                span.out(),
                1,
                outputs.runs.stream().map(Run::inverse).toList());
    }

    private static int inPhase(int length, int step, int phase) {
        return length <= phase ? 0 : (length - phase - 1) / step + 1;
    }

    /** Targets in a phase. */
    int targetsIn(int phase) {
        return inPhase(targets, targetStep, phase);
    }

    /** Sources in the first, longest phase. */
    int sourcesInPhase() {
        return inPhase(sources, sourceStep, 0);
    }

    /** The source that a target takes from through a run, or −1. */
    int source(Run run, int target) {
        int at = target / targetStep;
        return target % targetStep == run.targetPhase && at >= run.from && at < run.to
                ? (at + run.shift) * sourceStep + run.sourcePhase
                : -1;
    }

    /** How many neighbouring sources suffice, when targets are computed in order, to have each at hand as long as it is wanted. */
    int sourcesAtHand() {
        int least = Integer.MAX_VALUE;
        int most = Integer.MIN_VALUE;
        for (Run run : runs) {
            int place = run.shift * sourceStep + run.sourcePhase;
            least = Math.min(least, place);
            most = Math.max(most, place);
        }
        return targets == 1 || runs.isEmpty() ? 1 : most - least + 1;
    }
}
