/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.contract.Backend.Opened;
import org.amend4j.contract.Subject.Case;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.testkit.OneIn;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** The laws of adapters, whatever computes them. */
@OneIn(3)
class AdapterContractTest {

    private static final double TOLERANCE = 1e-5;
    private static final int BATCH = 8;
    private static final int STEPS = 10;

    static List<Case> adapted() {
        return Subject.cases(subject -> subject.isAdapted() && subject.hasDoubles());
    }

    /** With B = 0 the network is the base, and A has no gradient. */
    @ParameterizedTest
    @MethodSource("adapted")
    void aZeroAdapterIsTheBase(Case what) {
        what.backend().require();
        AdaptedModel model = what.subject().model(DataType.FLOAT, new Sgd(0.1));
        Records data = what.subject().data(DataType.FLOAT);
        ComputationGraph merged = withoutFactorB(model).merge().network();
        try (Opened adapted = what.backend().open(model.graph(), data)) {
            double[] theta = ParameterVectors.of(model.graph());
            double[] gradient = new double[theta.length];
            double value = adapted.objective().valueAndGradient(theta, gradient);
            assertEquals(merged.score(all(data)), value, TOLERANCE * value);
            for (AdapterBlock block : adapted.lowRank().adapters()) {
                for (int k = 0; k < block.sizeA(); k++) {
                    assertEquals(0, gradient[block.offsetA() + k]);
                }
            }
        }
    }

    private static AdaptedModel withoutFactorB(AdaptedModel model) {
        model.adapters()
                .forEach(spec ->
                        model.graph().getLayer(spec.target()).getParam("B").assign(0));
        return model;
    }

    @ParameterizedTest
    @MethodSource("adapted")
    void mergedIsAdapted(Case what) {
        what.backend().require();
        AdaptedModel model = what.subject().model(DataType.FLOAT, new Sgd(0.1));
        Records data = what.subject().data(DataType.FLOAT);
        double merged = model.merge().network().score(all(data));
        try (Opened adapted = what.backend().open(model.graph(), data)) {
            assertEquals(merged, adapted.objective().value(ParameterVectors.of(model.graph())), TOLERANCE * merged);
        }
    }

    private static DataSet all(Records data) {
        MultiDataSet all = data.all();
        return new DataSet(all.getFeatures(0), all.getLabels(0));
    }

    /** Up to rounding: ten steps of 1e-6 each, not blown up by more than ten. */
    @ParameterizedTest
    @EnumSource(
            value = Backend.class,
            names = {"EMULATED", "CUDA"})
    void trainingOnADeviceIsFit(Backend backend) {
        for (IUpdater updater : new IUpdater[] {new Sgd(0.2), new Adam(0.01)}) {
            AdaptedModel model = Subject.PICTURES.model(DataType.FLOAT, updater);
            Records data = Subject.PICTURES.data(DataType.FLOAT);
            double[] start = ParameterVectors.of(model.graph());
            double[] onDevice = trained(backend, model.graph(), data);
            for (int step = 0; step < STEPS; step++) {
                model.graph().fit(rows(data, batch(data, step)));
            }
            double[] onHost = ParameterVectors.of(model.graph());
            double apart = distance(onHost, onDevice);
            assertTrue(apart <= 10 * TOLERANCE * distance(start, onHost), updater + ": " + apart);
            model.base().verifyUnchanged();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Backend.class,
            names = {"EMULATED", "CUDA"})
    void anAdapterTrainedOnADeviceIsSavedAndLoaded(Backend backend, @TempDir Path folder) throws IOException {
        AdaptedModel model = Subject.MLP.model(DataType.FLOAT, new Adam(0.02));
        Records data = Subject.MLP.data(DataType.FLOAT);
        double before = model.graph().score(all(data));
        ParameterVectors.copyInto(model.graph(), trained(backend, model.graph(), data));
        double after = model.graph().score(all(data));
        assertTrue(after < before, before + " to " + after);
        model.save(folder);
        AdaptedModel loaded = AdaptedModel.load(
                model.base(),
                folder,
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        assertEquals(after, loaded.graph().score(all(data)));
        model.base().verifyUnchanged();
    }

    private static double[] trained(Backend backend, ComputationGraph graph, Records data) {
        try (Device device = backend.device();
                PlannedTraining training = PlannedTraining.of(device, graph, data, BATCH, Arithmetic.SINGLE)) {
            for (int step = 0; step < STEPS; step++) {
                training.step(batch(data, step));
            }
            ComputationGraph result = graph.clone();
            training.copyInto(result);
            return ParameterVectors.of(result);
        }
    }

    private static int[] batch(Records data, int step) {
        return new Random(step).ints(0, data.size()).distinct().limit(BATCH).toArray();
    }

    private static DataSet rows(Records data, int[] chosen) {
        MultiDataSet all = data.all();
        return new DataSet(rows(all.getFeatures(0), chosen), rows(all.getLabels(0), chosen));
    }

    private static INDArray rows(INDArray all, int[] chosen) {
        return Nd4j.concat(
                0,
                IntStream.of(chosen)
                        .mapToObj(row -> all.get(NDArrayIndex.interval(row, row + 1L)))
                        .toArray(INDArray[]::new));
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += (a[k] - b[k]) * (a[k] - b[k]);
        }
        return Math.sqrt(sum);
    }
}
