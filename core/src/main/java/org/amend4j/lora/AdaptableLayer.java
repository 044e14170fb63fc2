package org.amend4j.lora;

import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running layer whose work is a {@link LoraProduct} on rows of its input: dense, output, convolution. */
abstract class AdaptableLayer extends BaseBackedLayer {

    private static final long serialVersionUID = 1L;

    /** The base's matricised weight, [rows, columns]. */
    final transient INDArray weight;

    private final transient Optional<INDArray> bias;
    private transient @Nullable LoraProduct product;
    private boolean enabled = true;

    AdaptableLayer(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, type);
        this.weight = FrozenLayers.matrix(
                layerConf().getLayer(), FrozenLayers.require(base, DefaultParamInitializer.WEIGHT_KEY));
        this.bias = Optional.ofNullable(base.get(DefaultParamInitializer.BIAS_KEY));
    }

    /** The product, built when first used: parameters arrive after construction. */
    final LoraProduct product() {
        LoraProduct result = product;
        if (result == null) {
            result = new LoraProduct(weight, bias, adapter());
            result.setEnabled(enabled);
            product = result;
        }
        return result;
    }

    private Optional<LoraProduct.Adapter> adapter() {
        return layerConf() instanceof LoraLayer lora
                ? Optional.of(LoraProduct.Adapter.of(
                        getParam(LoraParamInitializer.A), getParam(LoraParamInitializer.B), lora.adapter()))
                : Optional.empty();
    }

    /** Switches the adapter on or off; without one nothing happens. */
    void setAdapterEnabled(boolean enabled) {
        this.enabled = enabled;
        product().setEnabled(enabled);
    }

    @Override
    public void setParamTable(Map<String, INDArray> table) {
        super.setParamTable(table);
        product = null;
    }

    /**
     * Runs the product's backward pass into the gradient views.
     *
     * @param d derivative at the product's output, [n, columns]
     * @param lifetime of the result
     * @param order of the result
     * @return the gradient of the product's input, [n, rows], unless nobody reads it
     */
    final Optional<INDArray> backward(INDArray d, ArrayType lifetime, char order, LayerWorkspaceMgr workspaces) {
        Optional<INDArray> dx = layerConf().isInputFrozen()
                ? Optional.empty()
                : Optional.of(workspaces.createUninitialized(
                        lifetime, d.dataType(), new long[] {d.size(0), weight.size(0)}, order));
        product()
                .backward(
                        d, gradientView(LoraParamInitializer.A), gradientView(LoraParamInitializer.B), dx, workspaces);
        return dx;
    }

    private @Nullable INDArray gradientView(String key) {
        return gradientViews == null ? null : gradientViews.get(key);
    }

    /** The adapter's gradients as Deeplearning4j wants them returned. */
    final Gradient gradients() {
        Gradient result = new DefaultGradient();
        if (gradientViews != null) {
            gradientViews.forEach(result::setGradientFor);
        }
        return result;
    }

    @Override
    public void clear() {
        super.clear();
        product().clear();
    }
}
