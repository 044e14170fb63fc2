/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.graph.Records;
import org.amend4j.internal.compiler.Value.Buffer.Planned;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.RandomImageGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Plans lay values out so that none is overwritten too soon; no machine is needed to see that. */
class PlanMemoryTest {

    /**
     * Goes through steps and notes who wrote each element last: a step must find what it reads as its owner left it.
     *
     * @return what is wrong first, if anything is
     */
    private static Optional<String> conflict(
            List<PlanStep> steps, List<Value> kept, MemoryLayout layout, int examples) {
        Map<Planned.Numbers, int[]> owners = Map.of(
                Planned.Numbers.REAL,
                filled(layout.end(Planned.Numbers.REAL)),
                Planned.Numbers.INTEGER,
                filled(layout.end(Planned.Numbers.INTEGER)));
        for (int k = 0; k < steps.size(); k++) {
            PlanStep step = steps.get(k);
            List<Value> written = new ArrayList<>(step.writes());
            for (Value read : step.reads()) {
                if (!owns(owners, layout, read, examples)) {
                    return Optional.of("step " + k + " (" + step.what() + ") reads " + read.name() + ", overwritten");
                }
            }
            written.forEach(value -> mark(owners, layout, value, examples));
            for (Value value : written) {
                if (!owns(owners, layout, value, examples)) {
                    return Optional.of("step " + k + " (" + step.what() + ") writes two values to one place");
                }
            }
            for (Value read : step.reads()) {
                if (!owns(owners, layout, read, examples)) {
                    return Optional.of(
                            "step " + k + " (" + step.what() + ") overwrites " + read.name() + ", its input");
                }
            }
        }
        return kept.stream()
                .filter(value -> !owns(owners, layout, value, examples))
                .map(value -> "result " + value.name() + " is overwritten")
                .findFirst();
    }

    private static RunSize size(int examples) {
        return new RunSize(examples, 0);
    }

    private static int[] filled(long length) {
        int[] owners = new int[Math.toIntExact(length)];
        Arrays.fill(owners, -1);
        return owners;
    }

    private static boolean owns(Map<Planned.Numbers, int[]> owners, MemoryLayout layout, Value value, int examples) {
        if (!(value.buffer() instanceof Planned planned)) {
            return true;
        }
        int from = Math.toIntExact(layout.offset(planned));
        int to = from + Math.toIntExact(value.length(size(examples)));
        int[] there = Objects.requireNonNull(owners.get(planned.numbers()));
        for (int k = from; k < to; k++) {
            if (there[k] != planned.id()) {
                return false;
            }
        }
        return true;
    }

    private static void mark(Map<Planned.Numbers, int[]> owners, MemoryLayout layout, Value value, int examples) {
        if (value.buffer() instanceof Planned planned) {
            int from = Math.toIntExact(layout.offset(planned));
            int to = from + Math.toIntExact(value.length(size(examples)));
            Arrays.fill(Objects.requireNonNull(owners.get(planned.numbers())), from, to, planned.id());
        }
    }

    @Test
    void noValueIsOverwrittenBeforeItsLastReader() {
        PlanTest.forEachCase(60, 60, example -> {
            for (Variant variant : PlanTest.TRAINED) {
                Plan plan = Plan.of(example.network(), variant);
                for (int examples : new int[] {1, 3, 64}) {
                    assertEquals(
                            Optional.empty(),
                            conflict(plan.steps(), plan.outputs(), plan.layout(size(examples)), examples),
                            example.where() + ", " + variant + ", " + examples + " examples");
                }
            }
        });
        for (long seed = 0; seed < Exhaustive.times(13, 40); seed++) {
            RandomImageGraph random = RandomImageGraph.of(seed);
            Network network = NetworkReader.inference(random.plain(), shapes(random.data()));
            Plan plan = Plan.of(network, Variant.OUTPUT);
            assertEquals(
                    Optional.empty(),
                    conflict(plan.steps(), plan.outputs(), plan.layout(size(2)), 2),
                    "image seed " + seed);
        }
    }

    @Test
    void noValueOfAPassWithErrorsIsOverwrittenBeforeItsLastReader() {
        PlanTest.forEachCase(20, 20, example -> {
            if (PlanTest.endsWithLosses(example.network())) {
                int n = example.data().size();
                Plan plan = Plan.of(PlanTest.withoutLosses(example.network()), Variant.ERRORS);
                assertEquals(
                        Optional.empty(),
                        conflict(plan.steps(), plan.outputs(), plan.layout(size(n)), n),
                        example.where());
            }
        });
    }

    private static List<long[]> shapes(MultiDataSet data) {
        return PlacedRecords.exampleShapes(Records.of(data));
    }

    /** The twin: a layout made for steps of which one forgets what it reads, so that a value's time ends too soon. */
    @Test
    void aValueWhoseTimeEndsOneReaderTooSoonIsNoticed() {
        int shortened = 0;
        int noticed = 0;
        for (long seed = 0; seed < 10; seed++) {
            Plan plan = Plan.of(PlanTest.Case.image(seed).network(), Variant.GRADIENT);
            for (int k = 0; k < plan.steps().size(); k++) {
                List<PlanStep> steps = new ArrayList<>(plan.steps());
                PlanStep step = steps.get(k);
                if (step.reads().stream().noneMatch(value -> value.buffer() instanceof Planned)) {
                    continue;
                }
                steps.set(
                        k,
                        new PlanStep(step.vertex(), step.what(), List.of(), step.writes(), step.work(), step.action()));
                shortened++;
                MemoryLayout wrong = MemoryLayout.of(steps, plan.outputs(), size(3));
                if (conflict(plan.steps(), plan.outputs(), wrong, 3).isPresent()) {
                    noticed++;
                }
            }
        }
        // where a later step reads the same value, or nothing needed the place, no harm is done
        assertTrue(noticed > shortened / 10, noticed + " of " + shortened + " noticed");
    }
}
