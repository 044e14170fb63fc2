/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Values;
import org.amend4j.model.UnsupportedNetworkException;

/**
 * A network compiled into calls of products and kernels, in order, with memory that is reused as soon as it is free. It
 * knows no machine: a {@link PlanSession} runs it on one, with as many examples at a time as there is memory for.
 */
public final class Plan {

    private final Network network;
    private final Variant variant;
    private final List<PlanStep> steps;
    private final int forwardSteps;
    private final List<Value> outputs;
    private final List<LowRank> adapters;
    private final int trainedRows;
    private final List<Values.Constant> constants;

    private final List<ConstantMatrix> matrices;
    private final Set<Values.Constant> readAsTheyAre;

    private Plan(Network network, Variant variant, GraphCompiler passes, List<Value> outputs) {
        this.network = network;
        this.variant = variant;
        this.steps = passes.steps().all();
        this.matrices = passes.steps().matrices();
        this.readAsTheyAre = readAsTheyAre(network, passes.steps());
        this.forwardSteps = passes.forwardSteps();
        this.outputs = outputs;
        this.adapters = passes.parameters().adapters();
        this.trainedRows = passes.parameters().rows();
        this.constants = network.nodes().stream()
                .flatMap(node -> Constants.of(node.operation()).stream())
                .distinct()
                .toList();
    }

    private static Set<Values.Constant> readAsTheyAre(Network network, PlanSteps steps) {
        Set<Values.Constant> found = new HashSet<>(steps.readAsTheyAre());
        for (Node node : network.nodes()) {
            List<Values.Constant> others = new ArrayList<>(Constants.of(node.operation()));
            others.removeAll(Constants.weights(node.operation()));
            found.addAll(others);
        }
        return found;
    }

    /**
     * Compiles a network, with products that are each by themselves.
     *
     * @throws IllegalArgumentException if the network has no losses and the variant needs them
     */
    public static Plan of(Network network, Variant variant) {
        return of(network, variant, new Form(Fusion.SEPARATE, false, Map.of()));
    }

    /**
     * What training, or another use, follows on a machine where records have the room beside them that {@link PlanSession#inputRooms} asks for.
     *
     * @throws IllegalArgumentException if the network has no losses and the variant needs them
     */
    public static Plan on(Machine machine, Network network, Variant variant, Arithmetic arithmetic) {
        Fusion fusion = Fusion.on(machine, arithmetic);
        boolean joins = fusion == Fusion.JOINT && variant == Variant.GRADIENT;
        boolean narrow = joins && Fusion.forTraining(machine, arithmetic).hasNarrowRows();
        Map<Integer, Integer> rooms = joins ? JointWeight.inputRooms(network) : Map.of();
        return of(network, variant, new Form(fusion, narrow, rooms));
    }

    /**
     * What else a plan depends on.
     *
     * @param narrow whether rows between joint products are bfloat16 numbers
     * @param inputRooms how many numbers are behind each row of some inputs
     */
    record Form(Fusion fusion, boolean narrow, Map<Integer, Integer> inputRooms) {}

    /** A plan of any form. */
    static Plan of(Network network, Variant variant, Form form) {
        boolean usesLoss = variant.usesLosses();
        if (usesLoss == network.losses().isEmpty()) {
            throw new IllegalArgumentException(
                    "a plan for " + variant + " is made of a network " + (usesLoss ? "with" : "without") + " losses");
        }
        GraphCompiler passes = GraphCompiler.of(network, variant, form);
        List<Value> outputs = usesLoss ? List.of() : outputs(network, passes);
        return new Plan(network, variant, passes, outputs);
    }

    private static List<Value> outputs(Network network, GraphCompiler passes) {
        return network.outputs().stream()
                .map(output -> {
                    Value value = passes.result(output);
                    if (!(value.buffer() instanceof Value.Buffer.Planned)) {
                        throw new UnsupportedNetworkException("output '" + value.name() + "' is an input as it is");
                    }
                    return value;
                })
                .toList();
    }

    public Network network() {
        return network;
    }

    public Variant variant() {
        return variant;
    }

    List<PlanStep> steps() {
        return steps;
    }

    /** The first of them: results are there when they are done, and the others need errors. */
    List<PlanStep> forward() {
        return steps.subList(0, forwardSteps);
    }

    /** The rest of them. */
    List<PlanStep> backward() {
        return steps.subList(forwardSteps, steps.size());
    }

    List<Value> outputs() {
        return outputs;
    }

    /** The adapters whose weights' gradients are made, in the order of these. */
    List<LowRank> adapters() {
        return adapters;
    }

    /** The most rows that an example has in what trains. */
    public int trainedRows() {
        return trainedRows;
    }

    /** Matrices that never change and that rows are multiplied with. */
    List<ConstantMatrix> matrices() {
        return matrices;
    }

    /** Numbers that never change and that some step reads one by one, not as rows' factor. */
    Set<Values.Constant> readAsTheyAre() {
        return readAsTheyAre;
    }

    MemoryLayout layout(RunSize size) {
        return MemoryLayout.of(steps, outputs, size);
    }

    private RunSize most(int examples) {
        return most(network, examples);
    }

    /** The most that so many examples can have. */
    static RunSize most(Network network, int examples) {
        return new RunSize(examples, PlacedTokens.rounded(Math.multiplyExact(examples, network.mostTokens())));
    }

    /** Bytes of the memory for intermediate values of so many examples, in single precision. */
    public long workingBytes(int examples) {
        return layout(most(examples)).bytes();
    }

    /** Bytes of the same values if no memory were used twice. */
    public long bytesWithoutReuse(int examples) {
        return layout(most(examples)).lengths().values().stream()
                        .mapToLong(Long::longValue)
                        .sum()
                * Float.BYTES;
    }

    /** Bytes of the numbers that never change: frozen weights. */
    public long constantBytes() {
        return constants().stream().mapToLong(Values.Constant::length).sum() * Float.BYTES;
    }

    /** The same where layers' weights are kept in this. */
    public long constantBytes(WeightStorage storage) {
        Set<Values.Constant> stored = new HashSet<>();
        matrices.forEach(matrix -> stored.add(matrix.use().values()));
        stored.removeAll(readAsTheyAre);
        return constants().stream()
                .mapToLong(
                        constant -> (stored.contains(constant) ? storage : WeightStorage.FP32).bytes(constant.length()))
                .sum();
    }

    /** The numbers that never change. */
    List<Values.Constant> constants() {
        return constants;
    }

    /** Floating-point operations of a run. */
    public double flops(int examples) {
        return flops(most(examples));
    }

    double flops(RunSize size) {
        return steps.stream()
                .mapToDouble(step -> step.work().flops() * size.of(step.per()))
                .sum();
    }

    /** Rows an example has in products, the mean over their work; infinite without products. */
    public double rowsOfProducts() {
        return rowsOfProducts(new RunSize(1, network.mostTokens()));
    }

    /** The same of a run. */
    double rowsOfProducts(RunSize size) {
        double work = 0;
        double weighted = 0;
        for (PlanStep step : steps) {
            double numbers = step.work().fixedNumbers();
            double flops = step.work().flops() * size.of(step.per());
            if (numbers > 0 && flops > 0) {
                work += flops;
                weighted += flops * flops / (2 * numbers);
            }
        }
        return work == 0 ? Double.POSITIVE_INFINITY : weighted / work;
    }

    /**
     * Bytes of the values that the steps of a run read and write, whatever the machine: without what its kernels need besides. What a device
     * is asked for, launch by launch, is counted by package {@code cuda.cost}.
     */
    public double bytesMoved(int examples) {
        RunSize size = most(examples);
        return steps.stream()
                        .mapToDouble(step -> step.work().numbers() * size.of(step.per())
                                + step.work().fixedNumbers())
                        .sum()
                * Float.BYTES;
    }

    /** How many calls of products and kernels a run makes. */
    public int length() {
        return steps.size();
    }

    /** The steps as a table, and the memory of so many examples. */
    public String describe(int examples) {
        MemoryLayout layout = layout(most(examples));
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %d steps, %s trained parameters, constants %s (%s in bf16, %s in int8, %s in nf4), working memory of %d examples %s (%s without reuse),"
                        + " %.3g GFLOP%n",
                variant,
                steps.size(),
                String.format(Locale.ROOT, "%,d", network.parameters()),
                bytes(constantBytes()),
                bytes(constantBytes(WeightStorage.BF16)),
                bytes(constantBytes(WeightStorage.INT8)),
                bytes(constantBytes(WeightStorage.NF4)),
                examples,
                bytes(workingBytes(examples)),
                bytes(bytesWithoutReuse(examples)),
                flops(examples) / 1e9));
        int width =
                steps.stream().mapToInt(step -> step.vertex().length()).max().orElse(0);
        for (int k = 0; k < steps.size(); k++) {
            PlanStep step = steps.get(k);
            text.append(String.format(Locale.ROOT, "%5d  %-" + width + "s  %s", k + 1, step.vertex(), step.what()));
            places(step, layout).forEach(place -> text.append("  -> ").append(place));
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    private static List<String> places(PlanStep step, MemoryLayout layout) {
        return step.writes().stream()
                .map(value -> value.buffer() instanceof Value.Buffer.Planned planned
                        ? String.format(
                                Locale.ROOT,
                                "%s %s@%,d",
                                value.name(),
                                planned.numbers() == Value.Buffer.Planned.Numbers.INTEGER ? "int" : "",
                                layout.offset(planned) * Float.BYTES)
                        : value.name())
                .toList();
    }

    private static String bytes(long count) {
        return count < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", count / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", count / (1024.0 * 1024.0));
    }

    @Override
    public String toString() {
        return describe(1);
    }
}
