/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.Backend;
import org.amend4j.backend.WeightStorage;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.Recording;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.compiler.Fusion;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.network.ComputesItself;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.internal.training.SameLoss;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.random.SplitMix64;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Minibatch training of a graph's parameter vector on a machine: the steps that {@code fit} makes on the same batches, up to
 * rounding. The graph is not changed until {@link #copyInto} is called; the optimizer starts with fresh state, unless a {@link #restore
 * snapshot} brings its own.
 *
 * <p>Steps of a full batch are recorded once and then replayed, from the choice of records to the optimizer. Along an order of records that is on
 * the machine ({@link #begin}), steps do not wait, but for further learning rates: once in 256, and where there is a schedule also when a walk begins; losses stay there until requested. Words of embeddings and tokens of transformers cross the bus with every step.
 *
 * <p>Which inputs of adapters are dropped ({@code LoraConfig.dropout}) is a function of the graph's seed, the step's number, the place in
 * the batch, and the element ({@link org.amend4j.internal.backend.DropoutKernels}): the same on every machine and with any number of threads, but
 * not what {@code fit} draws.
 */
public final class PlannedTraining implements AutoCloseable {

    private final PlanSession session;
    private final PlacedRecords records;
    private final ParameterUpdate update;
    private final int batch;
    private final long seed;
    private final StepMemory memory;

    private final Owned owned = new Owned();
    private Optional<Recording> fullBatch = Optional.empty();
    private int steps;
    private int[] order = new int[0];
    /** Behind each step's last place in the order. */
    private int[] ends = new int[0];

    private int nextStep;

    private PlannedTraining(
            Machine machine,
            ComputationGraph graph,
            Network network,
            RecordParts data,
            TrainingRule rule,
            int batch,
            Arithmetic arithmetic) {
        this.batch = batch;
        this.seed = graph.getConfiguration().getDefaultConfiguration().getSeed();
        try {
            this.session = owned.add(PlanSession.open(machine, network, arithmetic, batch));
            if (arithmetic.storage() != WeightStorage.FP32) {
                session.place(Variant.GRADIENT); // now: the base's memory may be wanted back
            }
            this.records = owned.add(new PlacedRecords(
                    machine, arithmetic.type(), data, network, batch, session.inputRooms(), arithmetic.rows()));
            this.memory = owned.add(new StepMemory(machine, arithmetic.type(), records.size(), records.chosen()));
            this.update = owned.add(new ParameterUpdate(session, rule));
            session.setParameters(ParameterVectors.of(graph));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Whether {@code fit} makes faster steps of a graph on the CPU: it has products that a plan must hand to Deeplearning4j for what
     * trains in them (measured in {@code docs/benchmarks.md}).
     */
    public static boolean isSlowerThanFit(ComputationGraph graph) {
        return GraphLayers.vertices(graph.getConfiguration()).stream()
                .flatMap(name -> GraphLayers.layer(graph.getConfiguration(), name).stream())
                .anyMatch(layer ->
                        layer instanceof ComputesItself itself && itself.worksOnInput() && !itself.isKnownToPlans());
    }

    /**
     * Puts a graph and its data on a backend.
     *
     * @param graph plain or adapted; copied
     * @param batch the most records of a step
     * @throws IllegalArgumentException naming the vertex or layer that a machine cannot compute or train; also if the loss of the first record
     *     is not {@code fit}'s
     */
    public static PlannedTraining of(
            Backend backend, ComputationGraph graph, Records data, int batch, Arithmetic arithmetic) {
        return of(backend, graph, RecordParts.whole(data), batch, arithmetic);
    }

    /** As {@link #of(Backend, ComputationGraph, Records, int, Arithmetic)}, with data that is never all there as arrays. */
    public static PlannedTraining of(
            Backend backend, ComputationGraph graph, RecordParts data, int batch, Arithmetic arithmetic) {
        Machine machine = Machine.of(backend);
        Checks.atLeast(1, "batch", batch);
        if (graph.getConfiguration().getBackpropType() != BackpropType.Standard) {
            throw new UnsupportedNetworkException("a plan sends errors through whole sequences, but the graph has "
                    + graph.getConfiguration().getBackpropType());
        }
        TrainingRule rule = OptimizerReader.of(graph);
        ObservedGraph twin = ObservedGraph.of(graph, TrainingExtras.LEAVE_TO_TRAINER);
        Network network = NetworkReader.training(twin.graph(), data.exampleShapes(), Scope.of(machine.callsOut()));
        PlannedTraining made = new PlannedTraining(
                machine, graph, network, data, rule, batch, Fusion.forTraining(machine, arithmetic));
        try {
            SameLoss.require(
                    graph, TrainingExtras.LEAVE_TO_TRAINER, data, made.session, made.records, Variant.GRADIENT);
        } catch (RuntimeException different) {
            made.close();
            throw different;
        }
        return made;
    }

    /** A sentence on the vertices that Deeplearning4j computes within the plan, if there are such. */
    public Optional<String> delegation() {
        return session.network().delegation();
    }

    /** Steps made so far, before a snapshot too. */
    public int steps() {
        return steps;
    }

    /**
     * One step on the mean loss of some records.
     *
     * @param chosen places of records in the data, in [1, batch] of them
     */
    public void step(int... chosen) {
        Checks.inRange(1, batch, "records of a step", chosen.length);
        requireThere(chosen);
        stepOn(chosen, records.hasWords() ? memory.behindTheOrder() : memory.once(chosen), 1);
    }

    /**
     * Begins a pass through records, for example an epoch, which {@link #next} continues. The rest of the previous pass is
     * dropped.
     *
     * @param places of records in the data, in [1, number of records] of them
     */
    public void begin(int... places) {
        Checks.inRange(1, records.size(), "records of a walk", places.length);
        begin(IntStream.range(0, (places.length + batch - 1) / batch)
                .mapToObj(k -> Arrays.copyOfRange(places, k * batch, Math.min(places.length, (k + 1) * batch)))
                .toList());
    }

    /**
     * As {@link #begin(int...)}, with the records of each step.
     *
     * @param batches places of records in the data, in [1, batch] of them each; as many as there are records in all, at most
     */
    public void begin(List<int[]> batches) {
        batches.forEach(some -> Checks.inRange(1, batch, "records of a step", some.length));
        int[] places = batches.stream().flatMapToInt(Arrays::stream).toArray();
        Checks.inRange(1, records.size(), "records of a walk", places.length);
        requireThere(places);
        if (!records.hasWords()) {
            memory.order(places);
        }
        order = places;
        ends = batches.stream().mapToInt(some -> some.length).toArray();
        Arrays.parallelPrefix(ends, Integer::sum);
        nextStep = 0;
    }

    /**
     * Begins the last walk anew, along the order that is on the machine already: waits for nothing.
     *
     * @throws IllegalStateException if there was none
     */
    public void beginAgain() {
        if (order.length == 0) {
            throw new IllegalStateException("there was no walk to begin again");
        }
        nextStep = 0;
    }

    /** Whether {@link #next} has records to step on. */
    public boolean hasNext() {
        return nextStep < ends.length;
    }

    /**
     * One step on the next records of the walk: a batch of them, or what is left. It is {@link #step} on them, to the byte.
     *
     * @throws NoSuchElementException if none is left
     */
    public void next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the walk is over, begin another");
        }
        int from = nextStep == 0 ? 0 : ends[nextStep - 1];
        int to = ends[nextStep++];
        stepOn(Arrays.copyOfRange(order, from, to), from, ends.length - nextStep + 1);
    }

    private void requireThere(int... places) {
        for (int record : places) {
            Checks.inRange(0, records.size() - 1, "record", record);
        }
    }

    /**
     * One step.
     *
     * @param from where the records are in the order that is on the machine
     * @param ahead how many steps are sure to come, this one among them
     */
    private void stepOn(int[] chosen, int from, int ahead) {
        session.machine().accountTo("", "records of the batch");
        session.setDropoutKey(SplitMix64.draw(seed, steps));
        memory.prepare(steps + 1, from, update.followsSchedule() ? ahead : Integer.MAX_VALUE, update::pace);
        if (records.hasWords()) {
            memory.begin(chosen.length);
            run(records.batch(chosen, 0, chosen.length, Optional.of(memory.losses(chosen.length))));
            update(chosen.length);
        } else if (chosen.length < batch) {
            gatherAndRun(chosen.length);
            update(chosen.length);
        } else {
            makeFullStep();
        }
        memory.went(chosen.length);
        steps++;
    }

    /** All of it is recorded, if it is the same every time but for what is read on the machine; otherwise the gradient is. */
    private void makeFullStep() {
        boolean whole = update.isTheSameEveryTime();
        if (fullBatch.isPresent()) {
            fullBatch.get().replay();
            if (!whole) {
                update(batch);
            }
            return;
        }
        gatherAndRun(batch); // compiles what is needed, which cannot be recorded
        update(batch);
        fullBatch = Optional.of(owned.add(session.machine().record(() -> {
            gatherAndRun(batch);
            if (whole) {
                update(batch);
            }
        })));
    }

    private void gatherAndRun(int count) {
        session.machine().accountTo("", "records of the batch");
        memory.begin(count);
        run(records.gathered(count, memory.losses(count)));
    }

    private void run(Examples examples) {
        session.addGradients(session.runDivided(Variant.GRADIENT, examples));
    }

    private void update(int count) {
        session.machine().accountTo("", "optimizer");
        update.make(steps + 1, 1.0 / count, memory.pace());
    }

    /**
     * The mean loss of the last step's records, before that step, without penalties on parameters (Deeplearning4j's score has them);
     * waits for the machine.
     *
     * @throws IllegalStateException before the first step
     */
    public double loss() {
        return losses(1)[0];
    }

    /** Of how many of the last steps losses are kept: 64, or fewer if batches are larger than 16,384 records. */
    public int lossesKept() {
        return memory.kept();
    }

    /**
     * What {@link #loss} was after each of the last steps, in their order; waits for the machine once.
     *
     * @param last of how many steps, in [1, {@link #lossesKept}]
     * @throws IllegalStateException before there were so many
     */
    public double[] losses(int last) {
        return memory.means(last);
    }

    /** Where training is now, to be gone on from by {@link #restore}; waits for the machine. */
    public TrainingSnapshot snapshot() {
        return new TrainingSnapshot(session.parameters().type(), steps, session.readParameters(), update.memory());
    }

    /**
     * Goes on from where a session was, on the same graph, records and machine. The walk is dropped: {@link #begin} what was left of
     * it. Losses of earlier steps are not known here.
     *
     * @throws IllegalArgumentException if the snapshot is of other numbers, another number of parameters or another optimizer; nothing
     *     has changed then
     */
    public void restore(TrainingSnapshot snapshot) {
        snapshot.requireLike(snapshot());
        session.setParameters(snapshot.parameters());
        update.restore(snapshot.memory());
        steps = snapshot.steps();
        order = new int[0];
        ends = new int[0];
        nextStep = 0;
        memory.forget();
    }

    /**
     * Sets a graph's parameters to the trained ones.
     *
     * @throws IllegalArgumentException if the graph has another number of them
     */
    public void copyInto(ComputationGraph graph) {
        ParameterVectors.copyInto(graph, session.readParameters());
    }

    @Override
    public void close() {
        owned.close();
    }
}
