/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.TimeSeriesUtils;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * An output layer of the base, with or without an adapter: Output ([batch, nIn] to [batch, nOut]) and RnnOutput
 * ([batch, nIn, time] in either format). The pre-activations of the backward pass also serve the score: Deeplearning4j's
 * own output layers compute them twice.
 */
public final class LoraOutput extends AdaptableLayer implements GraphOutput {

    private static final long serialVersionUID = 1L;

    /** Outputs that are fewer than a product's tile is wide. */
    private static final long FEW = 16;

    private final transient ILossFunction loss;
    private final transient Optional<SoftmaxEntropy> entropy;
    private final boolean recurrent;
    private final boolean timeSecond;
    private transient @Nullable INDArray labels;
    private transient @Nullable INDArray preOutputForScore;
    private transient @Nullable INDArray probabilitiesForScore;

    /**
     * A loss on rows of features.
     *
     * @param conf around the stock layer
     * @param base weights of the base by Deeplearning4j's keys, only read; none if the layer trains its own
     */
    public LoraOutput(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        this(conf, base, type, false, false);
    }

    /**
     * A loss at every time step.
     *
     * @param conf around the stock layer
     * @param base weights of the base by Deeplearning4j's keys, only read; none if the layer trains its own
     * @param timeFirst whether a sequence's time comes before its features
     */
    public static LoraOutput ofSequences(
            NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type, boolean timeFirst) {
        return new LoraOutput(conf, base, type, true, timeFirst);
    }

    private LoraOutput(
            NeuralNetConfiguration conf,
            Map<String, INDArray> base,
            DataType type,
            boolean recurrent,
            boolean timeSecond) {
        super(conf, base, type);
        BaseOutputLayer output = (BaseOutputLayer) layerConf().getLayer();
        this.loss = output.getLossFn();
        this.entropy = SoftmaxEntropy.of(loss, output.getActivationFn());
        this.recurrent = recurrent;
        this.timeSecond = timeSecond;
    }

    @Override
    public void setAdapterEnabled(boolean enabled) {
        super.setAdapterEnabled(enabled);
        forgetForScore();
    }

    @Override
    public void setInput(INDArray input, LayerWorkspaceMgr workspaces) {
        super.setInput(input, workspaces);
        forgetForScore();
    }

    /**
     * Pre-activations on rows: [batch, nOut], or [batch·time, nOut], the batch running fastest.
     *
     * @param asStock for what is shown; scores are made of those that gradients are made of, so that they are one function
     */
    private INDArray preOutput(boolean asStock, boolean training, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        INDArray x = rows(input.castTo(dataType), lifetime, workspaces);
        INDArray z = asStock ? asStockDoes(x, lifetime, workspaces) : inOneOrder(x, training, lifetime, workspaces);
        if (maskArray != null) {
            applyMask(z);
        }
        return z;
    }

    private INDArray inOneOrder(INDArray x, boolean training, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        INDArray z = workspaces.createUninitialized(lifetime, dataType, new long[] {x.size(0), columns()}, order());
        forward(x, z, training, lifetime, workspaces);
        return z;
    }

    /** As labels usually are if outputs are few: what counts then is that elementwise passes see one order. */
    private char order() {
        return !recurrent && (isMixed() || product().columns() <= FEW) ? 'c' : 'f';
    }

    private INDArray rows(INDArray array, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        if (!recurrent) {
            return requireShape(array, 2, 1);
        }
        requireShape(array, 3, timeSecond ? 2 : 1);
        INDArray ncw = timeSecond ? array.permute(0, 2, 1) : array;
        return TimeSeriesUtils.reshape3dTo2d(ncw, workspaces, lifetime);
    }

    private INDArray requireShape(INDArray array, int rank, int dimension) {
        if (array.rank() != rank || array.size(dimension) != product().rows()) {
            throw new DL4JInvalidInputException("input must have rank " + rank + " and "
                    + product().rows() + " features, got shape " + Arrays.toString(array.shape()) + " " + layerId());
        }
        return array;
    }

    private INDArray unrows(INDArray rows, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        if (!recurrent) {
            return rows;
        }
        INDArray ncw = TimeSeriesUtils.reshape2dTo3d(rows, input.size(0), workspaces, lifetime);
        return timeSecond ? ncw.permute(0, 2, 1) : ncw;
    }

    private INDArray labelRows(ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        INDArray given = requireLabels();
        if (!recurrent || given.rank() != 3) {
            return given;
        }
        INDArray ncw = timeSecond ? given.permute(0, 2, 1) : given;
        return TimeSeriesUtils.reshape3dTo2d(ncw, workspaces, lifetime);
    }

    private INDArray requireLabels() {
        INDArray given = labels;
        if (given == null) {
            throw new IllegalStateException("an output layer needs labels " + layerId());
        }
        return given;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        // of steps the stock layer keeps them in Fortran order
        boolean asStock = !training && !isMixed() && !recurrent;
        ArrayType lifetime = recurrent ? ArrayType.FF_WORKING_MEM : ArrayType.ACTIVATIONS;
        INDArray z = preOutput(asStock, training, lifetime, workspaces);
        INDArray a = layerConf().getActivationFn().getActivation(z, training);
        if (maskArray != null) {
            applyMask(a);
        }
        return unrows(a, ArrayType.ACTIVATIONS, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(
            @Nullable INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        // INPUT lives in the workspace of all activations, which is still open when the score is computed.
        INDArray z = preOutput(false, true, ArrayType.INPUT, workspaces);
        INDArray delta = lossGradient(labelRows(ArrayType.BP_WORKING_MEM, workspaces), z, workspaces);
        Optional<INDArray> dx =
                backward(delta, recurrent ? ArrayType.BP_WORKING_MEM : ArrayType.ACTIVATION_GRAD, 'f', workspaces);
        return new Pair<>(
                gradients(),
                dx.map(rows -> unrows(rows, ArrayType.ACTIVATION_GRAD, workspaces))
                        .orElse(null));
    }

    /** The derivative at the pre-activations; keeps what the score of the same pass is computed from. */
    private INDArray lossGradient(INDArray expected, INDArray z, LayerWorkspaceMgr workspaces) {
        forgetForScore();
        IActivation function = layerConf().getActivationFn();
        if (entropy.isPresent() && SoftmaxEntropy.fits(expected, z, maskArray)) {
            INDArray p = function.getActivation(z, true);
            probabilitiesForScore = p;
            return entropy.get().gradient(expected, p, workspaces);
        }
        // A copy, because an activation function's backprop (sigmoid's, say) writes the derivative over its input.
        INDArray overwritten = workspaces
                .createUninitialized(ArrayType.BP_WORKING_MEM, z.dataType(), z.shape(), z.ordering())
                .assign(z);
        preOutputForScore = z;
        return loss.computeGradient(expected, overwritten, function, maskArray);
    }

    @Override
    public double computeScore(double regularization, boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        double sum = lossSum(labelRows(ArrayType.FF_WORKING_MEM, workspaces), workspaces);
        score = (conf().isMiniBatch() ? sum / getInputMiniBatchSize() : sum) + regularization;
        return score;
    }

    private double lossSum(INDArray expected, LayerWorkspaceMgr workspaces) {
        INDArray p = probabilitiesForScore;
        INDArray known = preOutputForScore;
        forgetForScore();
        if (p != null && entropy.isPresent() && SoftmaxEntropy.fits(expected, p, maskArray)) {
            return entropy.get().score(expected, p);
        }
        INDArray z = known == null ? preOutput(false, false, ArrayType.FF_WORKING_MEM, workspaces) : known;
        return loss.computeScore(expected, z, layerConf().getActivationFn(), maskArray, false);
    }

    private void forgetForScore() {
        preOutputForScore = null;
        probabilitiesForScore = null;
    }

    @Override
    public INDArray computeScoreForExamples(double regularization, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray z = preOutput(false, false, ArrayType.FF_WORKING_MEM, workspaces);
        INDArray scores = loss.computeScoreArray(
                labelRows(ArrayType.FF_WORKING_MEM, workspaces), z, layerConf().getActivationFn(), maskArray);
        if (recurrent) {
            scores = TimeSeriesUtils.reshapeVectorToTimeSeriesMask(scores, (int) input.size(0))
                    .sum(true, 1);
        }
        return workspaces.leverageTo(ArrayType.ACTIVATIONS, scores.addi(regularization));
    }

    @Override
    public void setMaskArray(@Nullable INDArray mask) {
        maskArray = mask == null || !recurrent ? mask : maskRows(mask);
    }

    /** A mask per time step [batch, time] or per output [batch, nOut, time], on rows. */
    private INDArray maskRows(INDArray mask) {
        return switch (mask.rank()) {
            case 2 ->
                TimeSeriesUtils.reshapeTimeSeriesMaskToVector(
                        mask, LayerWorkspaceMgr.noWorkspacesImmutable(), ArrayType.INPUT);
            case 3 ->
                TimeSeriesUtils.reshape3dTo2d(
                        timeSecond ? mask.permute(0, 2, 1) : mask,
                        LayerWorkspaceMgr.noWorkspacesImmutable(),
                        ArrayType.INPUT);
            default ->
                throw new IllegalArgumentException("a mask must be [batch, time] or have the labels' shape, got "
                        + Arrays.toString(mask.shape()) + " " + layerId());
        };
    }

    @Override
    public @Nullable Pair<INDArray, MaskState> feedForwardMaskArray(
            @Nullable INDArray mask, MaskState state, int minibatchSize) {
        return recurrent ? null : super.feedForwardMaskArray(mask, state, minibatchSize);
    }

    @Override
    protected void applyMask(INDArray to) {
        INDArray mask = maskArray.castTo(to.dataType());
        if (mask.isColumnVectorOrScalar()) {
            to.muliColumnVector(mask);
        } else if (Arrays.equals(to.shape(), mask.shape())) {
            to.muli(mask);
        } else {
            throw new IllegalArgumentException("a mask must be one value per example or have the labels' shape, got "
                    + Arrays.toString(mask.shape()) + " for outputs " + Arrays.toString(to.shape()) + " " + layerId());
        }
    }

    @Override
    public boolean needsLabels() {
        return true;
    }

    @Override
    public void setLabels(@Nullable INDArray labels) {
        this.labels = labels;
    }

    @Override
    public @Nullable INDArray getLabels() {
        return labels;
    }

    @Override
    boolean timeRunsSlowest() {
        return recurrent;
    }

    @Override
    public Type type() {
        return recurrent ? Type.RECURRENT : Type.FEED_FORWARD;
    }

    @Override
    public void clear() {
        super.clear();
        labels = null;
        forgetForScore();
    }

    @Override
    @SuppressWarnings("deprecation") // the interface demands it
    public int numLabels() {
        return (int) product().columns();
    }
}
