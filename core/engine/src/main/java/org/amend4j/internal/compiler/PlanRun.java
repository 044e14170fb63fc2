/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;

/**
 * Examples that go through a plan, in one part or several, each computed as if it were alone.
 *
 * @param parts at least as many as there are parts of the examples, with room for these
 * @param examples of each part
 * @param clippingBound the largest norm of a share of the gradient, if these are clipped
 */
record PlanRun(PlacedNetwork network, Plan plan, List<Shard> parts, List<Examples> examples, double clippingBound) {

    private Machine machine() {
        return network.machine();
    }

    /** Does some of the plan's steps for every part: side by side, unless Deeplearning4j computes something in them. */
    void perform(List<PlanStep> steps) {
        if (network.isOpaque()) {
            IntStream.range(0, examples.size()).forEach(part -> perform(steps, part));
        } else {
            machine().sideBySide(examples.size(), part -> perform(steps, part));
        }
    }

    private void perform(List<PlanStep> steps, int part) {
        try (RunBindings bindings = new RunBindings(this, part)) {
            for (PlanStep step : steps) {
                machine().accountTo(step.vertex(), step.what());
                step.action().run(bindings);
            }
        }
    }

    /** What the parts before one have; of tokens, those that are in examples. */
    RunSize before(int part) {
        List<Examples> before = examples.subList(0, part);
        return new RunSize(
                before.stream().mapToInt(Examples::examples).sum(),
                before.stream().mapToInt(Examples::allTokens).sum());
    }

    /** As {@link #perform}; where there is one part, its products are divided. */
    void performDivided(List<PlanStep> steps) {
        if (examples.size() == 1) {
            machine().dividingProducts(() -> perform(steps));
        } else {
            perform(steps);
        }
    }

    /** Of each output its numbers for all examples. */
    List<double[]> outputs() {
        return plan.outputs().stream().map(this::gathered).toList();
    }

    private double[] gathered(Value output) {
        if (examples.size() == 1) {
            return machine().downloadDoubles(output(output, 0));
        }
        return IntStream.range(0, examples.size())
                .mapToObj(part -> machine().downloadDoubles(output(output, part)))
                .flatMapToDouble(DoubleStream::of)
                .toArray();
    }

    /** The same, written somewhere. */
    void outputs(PlanSession.Destination to) {
        List<Value> outputs = plan.outputs();
        for (int part = 0; part < examples.size(); part++) {
            int count = examples.get(part).examples();
            for (int k = 0; k < outputs.size(); k++) {
                machine()
                        .download(
                                output(outputs.get(k), part),
                                to.of(k, before(part).examples(), count));
            }
        }
    }

    private MachineArray output(Value output, int part) {
        return parts.get(part).array(output, examples.get(part).size());
    }
}
