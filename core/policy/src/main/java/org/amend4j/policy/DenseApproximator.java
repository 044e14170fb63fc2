/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;
import org.amend4j.random.SplitMix64;

/**
 * Dense layers on top of each other, in plain Java and double arithmetic: for small networks many times faster than a
 * graph, whose calls cost more than its arithmetic.
 *
 * <p>Parameters are laid out as in a Deeplearning4j graph of the same layers: for each layer W [inputs, outputs] column by
 * column, then b. A row's sums run in a fixed order that does not depend on the number of rows.
 *
 * <p>One that {@link Approximators} makes from a graph computes in double even if the graph is FLOAT, but then rounds its
 * parameters to that type, and reports this in {@link #precision()}.
 */
public final class DenseApproximator implements Approximator {

    private final List<DenseStage> stages;
    private final List<AdapterBlock> adapters;
    private final int trainsFrom;
    private final double[] theta;
    private final double[] gradient;
    private final Precision precision;
    private final Consumer<double[]> mirror;
    private final double[][] activations;
    private double[] upper = {};
    private double[] lower = {};
    private long passes;

    private DenseApproximator(List<DenseStage> stages, double[] theta) {
        this(stages, List.of(), theta, Precision.DOUBLE, unused -> {});
    }

    /**
     * @param adapters where those of the stages are in the parameters
     * @param theta the parameters, the receiver's own from now on
     * @param precision the type that parameters are rounded to
     * @param mirror is given every new parameter vector, to copy it
     */
    DenseApproximator(
            List<DenseStage> stages,
            List<AdapterBlock> adapters,
            double[] theta,
            Precision precision,
            Consumer<double[]> mirror) {
        this.stages = List.copyOf(stages);
        this.adapters = List.copyOf(adapters);
        this.trainsFrom = firstTrained(stages);
        this.theta = theta;
        this.gradient = new double[theta.length];
        this.precision = precision;
        this.mirror = mirror;
        this.activations = new double[stages.size()][0];
        load();
    }

    /**
     * Layers with all parameters 0; without hidden layers this is a uniform softmax policy.
     *
     * @throws IllegalArgumentException if there is no layer, or one does not fit on the one before it
     */
    public static DenseApproximator zero(List<DenseShape> layers) {
        return new DenseApproximator(stages(layers), new double[dimension(layers)]);
    }

    /**
     * Layers with random weights and biases 0. Weights are normal with variance 2/(inputs + outputs) (Glorot and Bengio
     * 2010), those of the last layer smaller by {@code lastGain}.
     *
     * @param lastGain in (0, ∞); 0.01 makes a nearly uniform policy
     * @throws IllegalArgumentException if there is no layer, or one does not fit on the one before it
     */
    public static DenseApproximator random(List<DenseShape> layers, double lastGain, long seed) {
        Checks.positive("lastGain", lastGain);
        double[] theta = new double[dimension(layers)];
        SplitMix64 random = new SplitMix64(seed);
        int at = 0;
        for (int i = 0; i < layers.size(); i++) {
            DenseShape layer = layers.get(i);
            double deviation = Math.sqrt(2.0 / (layer.inputs() + layer.outputs()));
            double scale = i == layers.size() - 1 ? lastGain * deviation : deviation;
            for (int w = 0; w < layer.inputs() * layer.outputs(); w++) {
                theta[at + w] = scale * random.nextGaussian();
            }
            at += layer.parameters();
        }
        return new DenseApproximator(stages(layers), theta);
    }

    private static int dimension(List<DenseShape> layers) {
        return layers.stream().mapToInt(DenseShape::parameters).reduce(0, Math::addExact);
    }

    private static List<DenseStage> stages(List<DenseShape> layers) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a network needs at least 1 layer, got none");
        }
        List<DenseStage> stages = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < layers.size(); i++) {
            DenseShape layer = layers.get(i);
            if (i > 0 && layers.get(i - 1).outputs() != layer.inputs()) {
                throw new IllegalArgumentException("inputs must be the outputs of the layer before, "
                        + layers.get(i - 1).outputs() + ", got " + layer.inputs() + " (layer " + i + ")");
            }
            OptionalInt biasAt =
                    layer.bias() ? OptionalInt.of(at + layer.inputs() * layer.outputs()) : OptionalInt.empty();
            stages.add(new DenseStage(
                    layer.inputs(),
                    layer.activation(),
                    List.of(new DenseBlock.Free(layer.inputs(), layer.outputs(), at, biasAt))));
            at += layer.parameters();
        }
        return stages;
    }

    private static int firstTrained(List<DenseStage> stages) {
        int first = 0;
        while (!stages.get(first).trains()) {
            first++;
        }
        return first;
    }

    @Override
    public Facts facts() {
        List<Identified> layers = new ArrayList<>();
        for (DenseStage stage : stages) {
            layers.add(() ->
                    Facts.of("Layer").with("activation", stage.activation()).with("blocks", stage.blocks()));
        }
        return Facts.of("Dense").with("precision", precision).with("layers", layers);
    }

    /** Whether outputs are linear in the parameters, which are all of its weights: one layer without an activation function. */
    public boolean isLinear() {
        DenseStage first = stages.get(0);
        return stages.size() == 1
                && first.activation() == DenseActivation.IDENTITY
                && first.blocks().stream().allMatch(DenseBlock.Free.class::isInstance);
    }

    @Override
    public int inputs() {
        return stages.get(0).inputs();
    }

    @Override
    public int outputs() {
        return stages.get(stages.size() - 1).outputs();
    }

    @Override
    public int dimension() {
        return theta.length;
    }

    @Override
    public double[] parameters() {
        return theta.clone();
    }

    @Override
    public void setParameters(double[] parameters) {
        Vectors.requireLength("theta", parameters, theta.length);
        double[] rounded = GraphParameters.rounded(precision, parameters);
        System.arraycopy(rounded, 0, theta, 0, theta.length);
        mirror.accept(rounded);
        load();
    }

    private void load() {
        passes++;
        stages.forEach(stage -> stage.load(theta));
    }

    @Override
    public List<AdapterBlock> adapters() {
        return adapters;
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public boolean recurrent() {
        return false;
    }

    @Override
    public Pass forward(double[] inputs, int[] lengths) {
        int rows = Sequences.rows(lengths);
        Vectors.requireLength("inputs", inputs, Math.multiplyExact(rows, inputs()));
        compute(inputs, rows);
        return new DensePass(inputs, rows);
    }

    private double[] compute(double[] inputs, int rows) {
        passes++;
        double[] x = inputs;
        for (int i = 0; i < activations.length; i++) {
            DenseStage stage = stages.get(i);
            activations[i] = grown(activations[i], Math.multiplyExact(rows, stage.outputs()));
            stage.forward(x, activations[i], rows);
            x = activations[i];
        }
        double[] outputs = new double[rows * outputs()];
        System.arraycopy(x, 0, outputs, 0, outputs.length);
        return outputs;
    }

    private static double[] grown(double[] buffer, int length) {
        return buffer.length >= length ? buffer : new double[length];
    }

    @Override
    public Stepper stepper(int rows) {
        Checks.atLeast(1, "rows", rows);
        return (inputs, sequences, begins) -> {
            Vectors.requireLength("inputs", inputs, Math.multiplyExact(sequences.length, inputs()));
            return compute(inputs, sequences.length);
        };
    }

    private void backward(double[] inputs, double[] derivatives, int rows, double[] into) {
        int widest = stages.stream().mapToInt(DenseStage::outputs).max().orElseThrow();
        upper = grown(upper, rows * widest);
        lower = grown(lower, rows * widest);
        System.arraycopy(derivatives, 0, upper, 0, derivatives.length);
        for (int i = activations.length - 1; i >= trainsFrom; i--) {
            DenseStage stage = stages.get(i);
            stage.throughActivationInPlace(upper, activations[i], rows);
            if (stage.trains()) {
                stage.computeGradient(i == 0 ? inputs : activations[i - 1], upper, rows);
            }
            if (i > trainsFrom) {
                stage.inputDerivatives(upper, lower, rows);
                double[] swapped = upper;
                upper = lower;
                lower = swapped;
            }
        }
        Arrays.fill(gradient, 0);
        stages.stream().filter(DenseStage::trains).forEach(stage -> stage.addGradient(theta, gradient));
        PassRules.addFinite(gradient, into);
    }

    private final class DensePass implements Pass {

        private final double[] inputs;
        private final int rows;
        private long pass = passes;

        DensePass(double[] inputs, int rows) {
            this.inputs = inputs;
            this.rows = rows;
        }

        @Override
        public double[] outputs() {
            requireValid();
            double[] outputs = new double[rows * DenseApproximator.this.outputs()];
            System.arraycopy(activations[activations.length - 1], 0, outputs, 0, outputs.length);
            return outputs;
        }

        @Override
        public void backward(double[] derivatives, double[] gradient) {
            requireValid();
            PassRules.requireBackward(derivatives, rows * DenseApproximator.this.outputs(), gradient, theta.length);
            pass = -1;
            DenseApproximator.this.backward(inputs, derivatives, rows, gradient);
        }

        private void requireValid() {
            PassRules.requireValid(pass == passes);
        }
    }
}
