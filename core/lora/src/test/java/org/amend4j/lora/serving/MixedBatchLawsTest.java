/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.amend4j.internal.lora.FittedAdapter;
import org.amend4j.internal.lora.SharedGraph;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Batches whose examples use different adapters. */
@OneIn(3)
class MixedBatchLawsTest {

    private static final int EXAMPLES = 9;
    private static final List<String> CHOICE = List.of("one", "two", "headed", AdapterSet.BASE);

    static List<Object[]> cases() {
        return SetCase.inBothTypes();
    }

    private static AdapterSet set(SetCase test, BaseModel base) {
        AdapterSet set = new AdapterSet(base);
        set.add("one", test.adapter(base, 2, 1));
        set.add("two", test.adapter(base, 1, 2));
        set.add("headed", test.withHead(base, 2, 3));
        set.add("other head", test.withHead(base, 1, 4));
        return set;
    }

    private static List<String> names(List<String> choice, long seed) {
        Random random = new Random(seed);
        return random.ints(EXAMPLES, 0, choice.size()).mapToObj(choice::get).toList();
    }

    private static MultiDataSet example(MultiDataSet data, int i) {
        INDArray[] one = Arrays.stream(data.getFeatures())
                .map(features -> RowGroups.interval(features, i, 1))
                .toArray(INDArray[]::new);
        return new MultiDataSet(one, data.getLabels());
    }

    private static void requireEachExampleAlone(
            AdapterSet set, MultiDataSet data, List<String> names, double rounding) {
        INDArray[] mixed = set.output(data, names);
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equals(AdapterSet.BASE)) {
                set.activate();
            } else {
                set.activate(names.get(i));
            }
            INDArray[] alone = set.output(example(data, i));
            for (int output = 0; output < mixed.length; output++) {
                double distance = RowGroups.interval(mixed[output], i, 1)
                        .sub(alone[output])
                        .amaxNumber()
                        .doubleValue();
                assertTrue(distance <= rounding, "example " + i + " of " + names + ": " + distance);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void every_example_gets_its_adapter_alone_or_the_base(SetCase test, DataType type) {
        BaseModel base = test.base(type);
        AdapterSet set = set(test, base);
        MultiDataSet data = test.data(type, EXAMPLES);
        for (long seed = 0; seed < 3; seed++) {
            requireEachExampleAlone(
                    set, data, names(List.of("one", "two", AdapterSet.BASE), seed), SetCase.rounding(type));
        }
        base.verifyUnchanged();
    }

    @ParameterizedTest
    @MethodSource("cases")
    @OneIn(6)
    void every_example_gets_its_adapter_s_own_head(SetCase test, DataType type) {
        AdapterSet set = set(test, test.base(type));
        MultiDataSet data = test.data(type, EXAMPLES);
        List<String> choice = new ArrayList<>(CHOICE);
        choice.add("other head");
        for (long seed = 0; seed < 3; seed++) {
            requireEachExampleAlone(set, data, names(choice, seed), SetCase.rounding(type));
        }
    }

    /** Where PEFT refuses a mixed batch. */
    @ParameterizedTest
    @MethodSource("cases")
    @OneIn(6)
    void every_example_gets_its_adapter_s_own_scheme(SetCase test, DataType type) {
        BaseModel base = test.base(type);
        AdapterSet set = set(test, base);
        List<String> choice = new ArrayList<>(CHOICE);
        test.withSchemes(base).forEach((name, model) -> {
            set.add(name, model);
            choice.add(name);
        });
        for (long seed = 0; seed < 3; seed++) {
            requireEachExampleAlone(set, test.data(type, EXAMPLES), names(choice, seed), SetCase.rounding(type));
        }
    }

    @Test
    void an_adapter_in_a_batch_is_scaled_as_it_is_alone() {
        AdapterSet set = set(SetCase.DENSE, SetCase.DENSE.base(DataType.DOUBLE));
        set.setScale("one", -3);
        requireEachExampleAlone(
                set,
                SetCase.DENSE.data(DataType.DOUBLE, EXAMPLES),
                names(CHOICE, 1),
                SetCase.rounding(DataType.DOUBLE));
    }

    @Test
    void masks_follow_their_examples() {
        BaseModel base = SetCase.RECURRENT.base(DataType.DOUBLE);
        AdapterSet set = new AdapterSet(base);
        set.add("one", SetCase.adapter(base, LoraConfig.of(2, 3).withTargets("out"), 1));
        set.add("two", SetCase.RECURRENT.adapter(base, 1, 2));
        MultiDataSet data = SetCase.RECURRENT.data(DataType.DOUBLE, 4);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, 4, 6);
        mask.putScalar(1, 5, 0);
        mask.putScalar(3, 4, 0);
        mask.putScalar(3, 5, 0);
        for (List<String> names :
                List.of(List.of("one", AdapterSet.BASE, "one", AdapterSet.BASE), List.of("one", "two", "one", "two"))) {
            INDArray mixed = set.output(masked(data.getFeatures()[0], mask), names)[0];
            for (int i = 0; i < 4; i++) {
                set.activate(names.get(i).equals(AdapterSet.BASE) ? new String[0] : new String[] {names.get(i)});
                INDArray alone = set.output(masked(
                        RowGroups.interval(data.getFeatures()[0], i, 1), RowGroups.interval(mask, i, 1)))[0];
                double distance =
                        RowGroups.interval(mixed, i, 1).sub(alone).amaxNumber().doubleValue();
                assertTrue(distance <= SetCase.rounding(DataType.DOUBLE), names + " " + i + ": " + distance);
            }
        }
    }

    private static MultiDataSet masked(INDArray features, INDArray mask) {
        return new MultiDataSet(
                new INDArray[] {features}, new INDArray[] {features}, new INDArray[] {mask}, new INDArray[] {null});
    }

    @Test
    void a_mixed_batch_leaves_the_active_adapters_as_they_were() {
        AdapterSet set = set(SetCase.DENSE, SetCase.DENSE.base(DataType.FLOAT));
        MultiDataSet data = SetCase.DENSE.data(DataType.FLOAT, EXAMPLES);
        set.activate("two");
        INDArray before = set.output(data)[0];
        set.output(data, names(CHOICE, 2));
        assertEquals(List.of("two"), set.active());
        assertEquals(before.toString(), set.output(data)[0].toString());
    }

    @Test
    void a_wrong_number_of_names_and_an_unknown_name_are_refused() {
        AdapterSet set = set(SetCase.DENSE, SetCase.DENSE.base(DataType.FLOAT));
        INDArray features = SetCase.DENSE.data(DataType.FLOAT, 3).getFeatures()[0];
        String message = assertThrows(IllegalArgumentException.class, () -> set.output(features, List.of("one", "two")))
                .getMessage();
        assertTrue(message.contains("2 for 3"), message);
        message = assertThrows(IllegalArgumentException.class, () -> set.output(features, List.of("one", "who", "two")))
                .getMessage();
        assertTrue(message.contains("'who'"), message);
        assertThrows(IllegalArgumentException.class, () -> set.output(features, List.of()));
    }

    @Test
    void a_shared_graph_is_not_trained() {
        BaseModel base = SetCase.DENSE.base(DataType.FLOAT);
        SharedGraph graph = new SharedGraph(base, Set.of());
        FittedAdapter adapter =
                FittedAdapter.of(base, SetCase.DENSE.adapter(base, 1, 1).content());
        graph.use(List.of(new SharedGraph.Use(3, List.of(new SharedGraph.Scaled(adapter, 1)))));
        INDArray[] features = SetCase.DENSE.data(DataType.FLOAT, 3).getFeatures();
        String message = assertThrows(
                        IllegalStateException.class, () -> graph.graph().output(true, features))
                .getMessage();
        assertTrue(message.contains("cannot be trained"), message);
    }
}
