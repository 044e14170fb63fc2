/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values;

/** The two passes over a network while they are compiled: what every kind of operation needs to know of its node. */
final class GraphCompiler {

    private final Network network;
    private final boolean[] ofTokens;
    private final Liveness liveness;
    private final PlanSteps steps;
    private final Gradients gradients;
    private final LowRankSteps lowRank;
    private final ParameterSteps parameters;
    private final List<Value> results = new ArrayList<>();
    private final List<Runnable> last = new ArrayList<>();
    private final Map<Values, Value> transposed = new HashMap<>();
    private final Map<Integer, JointWeight> joints;
    private final boolean endsProducts;
    private final Plan.Form form;
    private final Map<Class<? extends Operation>, OperationSteps<?>> kinds = new HashMap<>();
    private int forwardSteps;

    private GraphCompiler(Network network, Variant variant, Plan.Form form) {
        this.form = form;
        this.endsProducts = form.fusion() == Fusion.JOINT && variant != Variant.ERRORS;
        this.joints = endsProducts && variant != Variant.CLIPPED ? JointWeight.of(network) : Map.of();
        this.network = network;
        this.ofTokens = network.ofTokens();
        this.liveness = new Liveness(network, variant);
        this.steps = new PlanSteps(variant == Variant.ERRORS);
        this.gradients = new Gradients(steps);
        this.lowRank = new LowRankSteps(steps);
        this.parameters = new ParameterSteps(steps, lowRank, variant, network.mostTokens());
        register(Operation.Input.class, new InputSteps<>(this, Operation.Input::index));
        register(Operation.Words.class, new InputSteps<>(this, Operation.Words::index));
        register(Operation.Tokens.class, new InputSteps<>(this, Operation.Tokens::index));
        register(Operation.TokenEmbedding.class, new TokenEmbeddingSteps(this));
        register(Operation.Product.class, new ProductSteps(this));
        register(Operation.Magnitude.class, new MagnitudeSteps(this));
        register(Operation.Depthwise.class, new DepthwiseSteps(this));
        register(Operation.Affine.class, new AffineSteps(this));
        register(Operation.LayerNorm.class, new LayerNormSteps(this));
        register(Operation.RmsNorm.class, new RmsNormSteps(this));
        register(Operation.Attention.class, new AttentionSteps(this));
        register(Operation.Gate.class, new GateSteps(this));
        register(Operation.PoolTokens.class, new PoolTokensSteps(this));
        register(Operation.MaxPool.class, new MaxPoolSteps(this));
        register(Operation.AveragePool.class, ImageSteps.averages(this));
        register(Operation.Upsample.class, ImageSteps.upsampling(this));
        register(Operation.Crop.class, new CropSteps(this));
        register(Operation.Elementwise.class, new ElementwiseSteps(this));
        register(Operation.Combine.class, new CombineSteps(this));
        register(Operation.Merge.class, new MergeSteps(this));
        register(Operation.Reshape.class, new ReshapeSteps(this));
        register(Operation.Reorder.class, new ReorderSteps(this));
        register(Operation.Gather.class, new GatherSteps(this));
        register(Operation.Opaque.class, new OpaqueSteps(this));
        register(Operation.Softmax.class, new SoftmaxSteps(this));
        LossSum sum = new LossSum(steps);
        register(Operation.Loss.class, new LossSteps(this, sum));
        register(Operation.TokenLoss.class, new TokenLossSteps(this, sum));
    }

    private <O extends Operation> void register(Class<O> kind, OperationSteps<O> both) {
        kinds.put(kind, both);
    }

    /** Compiles both passes, or the first one only if the variant wants no more. */
    static GraphCompiler of(Network network, Variant variant, Plan.Form form) {
        GraphCompiler passes = new GraphCompiler(network, variant, form);
        for (int k = 0; k < network.nodes().size(); k++) {
            passes.results.add(passes.forward(k, passes.node(k).operation()));
        }
        passes.forwardSteps = passes.steps.count();
        if (variant == Variant.ERRORS) {
            passes.beginWithErrors();
        }
        for (int k = network.nodes().size() - 1; k >= 0; k--) {
            passes.backward(k);
        }
        passes.lowRank.finish();
        passes.last.forEach(Runnable::run);
        passes.parameters.finish();
        return passes;
    }

    /** The derivatives of outputs are given to the run, in the place of labels. */
    private void beginWithErrors() {
        for (int k = 0; k < network.outputs().size(); k++) {
            int node = network.outputs().get(k);
            Value errors = new Value(
                    new Value.Buffer.Label(k),
                    vertex(node) + " errors",
                    shape(node).pixels(),
                    shape(node).channels());
            if (isLive(node)) {
                gradients.add(node, new GradientFlow(errors, false));
            }
        }
    }

    /** How many of the steps are the forward pass. */
    int forwardSteps() {
        return forwardSteps;
    }

    private <O extends Operation> Value forward(int node, O operation) {
        return stepsOf(operation).forward(node, operation);
    }

    private void backward(int node) {
        Operation operation = node(node).operation();
        if (!isLive(node)) {
            return;
        }
        if (operation instanceof Operation.Loss || operation instanceof Operation.TokenLoss) {
            // the end: its own value stands for its gradient, 1
            backward(node, operation, new GradientFlow(result(node), false));
        } else {
            gradients.sum(vertex(node), node).ifPresent(flow -> backward(node, operation, flow));
        }
    }

    private <O extends Operation> void backward(int node, O operation, GradientFlow flow) {
        stepsOf(operation).backward(node, operation, flow);
    }

    @SuppressWarnings("unchecked") // registered by kind
    private <O extends Operation> OperationSteps<O> stepsOf(O operation) {
        OperationSteps<?> both = kinds.get(operation.getClass());
        if (both == null) {
            throw new AssertionError(operation);
        }
        return (OperationSteps<O>) both;
    }

    /** Has steps appended behind the backward passes of all nodes, when the gradients of adapters are there. */
    void atTheEnd(Runnable append) {
        last.add(append);
    }

    PlanSteps steps() {
        return steps;
    }

    /** Products of adapters with many rows. */
    LowRankSteps lowRank() {
        return lowRank;
    }

    /** Where gradients of parameters go. */
    ParameterSteps parameters() {
        return parameters;
    }

    Node node(int node) {
        return network.nodes().get(node);
    }

    String vertex(int node) {
        return node(node).vertex();
    }

    Shape shape(int node) {
        return node(node).shape();
    }

    int inputs(int node) {
        return node(node).inputs().size();
    }

    /** The number of a node that another reads. */
    int inputNode(int node, int which) {
        return node(node).inputs().get(which);
    }

    Shape inputShape(int node, int which) {
        return shape(inputNode(node, which));
    }

    /** The result of an earlier node. */
    Value result(int node) {
        return results.get(node);
    }

    /** The result that a node reads. */
    Value input(int node, int which) {
        return result(node(node).inputs().get(which));
    }

    /** Whether the gradient of a node's result is needed. */
    boolean isLive(int node) {
        return liveness.isLive(node);
    }

    /** Whether the gradient of what a node reads is needed. */
    boolean isInputLive(int node, int which) {
        return isLive(node(node).inputs().get(which));
    }

    /** What a node's result has rows for. */
    RowUnit per(int node) {
        return ofTokens[node] ? RowUnit.TOKEN : RowUnit.EXAMPLE;
    }

    /** How many numbers are behind each row of an input. */
    int inputRoom(int input) {
        return form.inputRooms().getOrDefault(input, 0);
    }

    /** Whether rows of an input are bfloat16 numbers: if only a joint product reads them. */
    boolean isNarrowInput(int input) {
        return form.narrow() && inputRoom(input) > 0;
    }

    /** Whether rows between joint products are bfloat16 numbers. */
    boolean hasNarrowRows() {
        return form.narrow();
    }

    /** Whether a node's product takes bfloat16 numbers: a joint one, or one of a trained weight. */
    boolean takesNarrowRows(int node) {
        return form.narrow()
                && node(node).operation() instanceof Operation.Product product
                && product.patches().isEmpty()
                && (joint(node).isPresent()
                        || (product.adapter().isEmpty() && product.weight() instanceof Values.Slice));
    }

    /** Whether a node's result, and the gradient of it, are bfloat16 numbers: if they go from one such product to another only. */
    private boolean isNarrow(int node) {
        return takesNarrowRows(node)
                && liveness.onlyReader(node).filter(this::takesNarrowRows).isPresent();
    }

    private Value place(int node, String name, int room) {
        Shape shape = shape(node);
        return isNarrow(node)
                ? steps.narrow(per(node), name, shape.pixels(), shape.channels(), room)
                : steps.per(per(node), name, shape.pixels(), shape.channels(), room);
    }

    /** Whether bias and rectifier may end products. */
    boolean endsProducts() {
        return endsProducts;
    }

    /** The weight of a node with its adapter, if they are multiplied with together. */
    Optional<JointWeight> joint(int node) {
        return Optional.ofNullable(joints.get(node));
    }

    /** A place for a node's result; that of a product has the room beside it which its only reader wants. */
    Value fresh(int node) {
        int room = node(node).operation() instanceof Operation.Product ? roomOf(liveness.onlyReader(node)) : 0;
        return place(node, vertex(node), room);
    }

    private int roomOf(Optional<Integer> node) {
        return node.flatMap(this::joint).map(JointWeight::room).orElse(0);
    }

    /** A place for an elementwise result: the input's, if nobody needs that any more. */
    Value elementwisePlace(int node) {
        return liveness.mayOverwrite(node(node).inputs().get(0)) ? input(node, 0) : fresh(node);
    }

    /** A place for something like one of the inputs: the input's, if nobody else needs that. */
    Value placeOver(int node, int which) {
        int read = node(node).inputs().get(which);
        return liveness.mayOverwrite(read) ? result(read) : fresh(read);
    }

    /** The most tokens of an example. */
    int mostTokens() {
        return network.mostTokens();
    }

    /** A place for the gradient of what a node reads. */
    Value freshGradient(int node, int which) {
        Shape shape = inputShape(node, which);
        RowUnit per = per(node(node).inputs().get(which));
        return steps.per(per, vertex(node) + " input gradient", shape.pixels(), shape.channels());
    }

    /** The same with room for what comes through a node's adapter, if only this product sends it a gradient. */
    Value freshGradientOfProduct(int node, int which) {
        int read = node(node).inputs().get(which);
        int room = liveness.onlyReader(read).isPresent() ? roomOf(Optional.of(read)) : 0;
        return place(read, vertex(node) + " input gradient", room);
    }

    /** A place for something made of a gradient element by element. */
    Value place(int node, GradientFlow flow) {
        return flow.owned()
                ? flow.value()
                : steps.per(
                        flow.value().per(),
                        vertex(node) + " delta",
                        flow.value().rows(),
                        flow.value().columns());
    }

    /** Whether what a node reads is a product's activation that nobody else reads: what is sent there is first differentiated. */
    boolean endsInActivation(int node, int which) {
        int read = node(node).inputs().get(which);
        return liveness.readers(read) == 1
                && node(read).operation() instanceof Operation.Product product
                && product.activation().kind() != Activation.Kind.IDENTITY;
    }

    /** Whether the gradient of a node's result is one product, which may end in that of the activation. */
    boolean endsGradient(int node) {
        return endsProducts
                && isLive(node)
                && liveness.onlyReader(node)
                        .map(reader -> node(reader).operation())
                        .filter(operation -> operation instanceof Operation.Product product
                                && product.patches().isEmpty()
                                && product.adapter().filter(LowRank::drops).isEmpty())
                        .isPresent();
    }

    /** The vector whose gradient the column sums of a node's delta are, if it is made in the same pass as that. */
    Optional<Values.Slice> biasOfDelta(int node) {
        return node(node).operation() instanceof Operation.Product product
                        && product.activation().kind() != Activation.Kind.IDENTITY
                        && !parameters.areDeferred()
                ? product.bias().filter(Values.Slice.class::isInstance).map(Values.Slice.class::cast)
                : Optional.empty();
    }

    /** Sends a gradient to what a node reads, if it is needed there. */
    void send(int node, int which, GradientFlow flow) {
        if (isInputLive(node, which)) {
            gradients.add(node(node).inputs().get(which), flow);
        }
    }

    /** A gradient of what a node reads that something may be added to, if one is there already. */
    Optional<Value> toAddTo(int node, int which) {
        return gradients.toAddTo(node(node).inputs().get(which));
    }

    /** A matrix of parameters [rows, columns] as [columns, rows]; made once a run. */
    Value transposed(int node, Values matrix, int rows, int columns) {
        return transposed.computeIfAbsent(matrix, unused -> {
            Value result = steps.fixed(vertex(node) + " transposed", columns, rows);
            steps.add(
                    vertex(node),
                    "transpose " + Products.shape(rows, columns),
                    List.of(),
                    List.of(result),
                    new Work(0, 0, 2.0 * rows * columns),
                    b -> b.kernels().elementwise().transpose(b.parameter(matrix), b.array(result), 1, rows, columns));
            return result;
        });
    }
}
