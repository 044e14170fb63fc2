/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** An {@link EncoderProblem} by plans on the host, in single precision. */
public final class AmendEncoder implements LoraPeer {

    private final ComputationGraph graph;
    private final Records records;
    private final DataSet batch;
    private final int[] places;
    private final Owned owned = new Owned();
    private final HostMachine machine = owned.add(HostMachine.open());
    private final PlannedTraining training;
    private final PlanSession forward;
    private final PlacedRecords inputs;
    private final MachineArray losses;

    /**
     * Adapts the base and puts it on the host.
     *
     * @param folder with the base
     */
    public AmendEncoder(EncoderProblem problem, Path folder, double learningRate) throws IOException {
        graph = problem.adapted(folder, learningRate);
        batch = problem.batch();
        records = Records.of(batch);
        places = IntStream.range(0, problem.texts()).toArray();
        training = owned.add(PlannedTraining.of(machine, graph, records, problem.texts(), Arithmetic.SINGLE));
        training.begin(places);
        ComputationGraph observed =
                ObservedGraph.of(graph, TrainingExtras.LEAVE_TO_TRAINER).graph();
        Network network = NetworkReader.training(observed, PlacedRecords.exampleShapes(records));
        forward = owned.add(PlanSession.open(machine, network, Arithmetic.SINGLE, problem.texts()));
        inputs = owned.add(new PlacedRecords(machine, Arithmetic.SINGLE.type(), records, network, problem.texts()));
        losses = owned.add(machine.allocate("losses", Arithmetic.SINGLE.type(), problem.texts()));
    }

    /** By Deeplearning4j's sweep through the graph. */
    @Override
    public float[] output() {
        training.copyInto(graph);
        return MergedDl4j.rowMajor(graph.outputSingle(batch.getFeatures()));
    }

    @Override
    public double loss() {
        training.copyInto(graph);
        machine.upload(ParameterVectors.of(graph), forward.parameters());
        forward();
        return Arrays.stream(machine.downloadDoubles(losses)).average().orElseThrow();
    }

    /** One forward pass to the losses of the batch, with the factors of the last {@link #loss}. */
    public void forward() {
        forward.runDivided(Variant.VALUE, inputs.batch(places, 0, places.length, Optional.of(losses)));
    }

    @Override
    public Map<String, float[]> gradients() {
        try (PlannedObjective objective = objective()) {
            double[] gradient = new double[objective.dimension()];
            objective.valueAndGradient(objective.parameters(), gradient);
            ComputationGraph named = graph.clone();
            named.setParams(Nd4j.createFromArray(gradient).castTo(graph.params().dataType()));
            return Dl4jParameters.values(named);
        }
    }

    private PlannedObjective objective() {
        training.copyInto(graph);
        return PlannedObjective.of(machine, graph, records, PlanSettings.DEFAULT);
    }

    @Override
    public Map<String, float[]> parameters() {
        training.copyInto(graph);
        return Dl4jParameters.values(graph);
    }

    @Override
    public void step() {
        training.beginAgain();
        training.next();
    }

    @Override
    public void close() {
        owned.close();
        graph.close();
    }
}
