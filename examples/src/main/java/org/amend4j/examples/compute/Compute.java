package org.amend4j.examples.compute;

import java.util.Locale;
import org.amend4j.cuda.choice.DeviceChoice;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.objective.GraphObjective;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Records;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** What a job's training and objectives are computed on. */
public final class Compute implements AutoCloseable {

    private final String sentence;

    private Compute(String sentence) {
        this.sentence = sentence;
    }

    /** ND4J on the CPU. */
    public static Compute cpu() {
        return new Compute("ND4J on the CPU.");
    }

    /**
     * What was asked for.
     *
     * @throws BadInputException if that is not to be had
     */
    public static Compute open(DeviceChoice choice) {
        return switch (choice) {
            case AUTO, CPU -> cpu();
            case CUDA, EMULATED ->
                throw new BadInputException("--device " + choice.name().toLowerCase(Locale.ROOT)
                        + ": this command does not compute on a device yet; --device must be auto or cpu");
        };
    }

    /** What it is, for people. */
    public String sentence() {
        return sentence;
    }

    /** Trains a graph. Close it before this. */
    public Fitting fitting(ComputationGraph graph, Examples examples) {
        return new GraphFitting(graph, examples.batches());
    }

    /** The mean loss of a graph over all records. */
    public LowRankObjective objective(ComputationGraph graph, Records records) {
        return GraphObjective.of(graph, records);
    }

    @Override
    public void close() {}
}
