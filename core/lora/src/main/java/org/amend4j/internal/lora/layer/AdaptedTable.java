/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.network.TrainsTokens;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A running layer that looks rows of a base's table up: {@code W[t] + s·A[t]·B} with an adapter, and the rows of their own of tokens that
 * {@linkplain TrainsTokens train}. Only rows that occur are read. As in PEFT dropout has no effect: a token is nothing of which a part can be
 * dropped.
 */
public abstract class AdaptedTable extends BaseBackedLayer implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final transient Optional<OwnRows> ownRows;
    private boolean enabled = true;
    private transient int @Nullable [] tokens;
    private transient @Nullable INDArray looked;

    protected AdaptedTable(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
        this.ownRows = layerConf() instanceof TrainsTokens trains
                ? Optional.of(new OwnRows(trains.trainedTokens()))
                : Optional.empty();
    }

    @Override
    public final void setAdapterEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** Whether what trains counts; otherwise W is that without an adapter. */
    protected final boolean isEnabled() {
        return enabled;
    }

    private Optional<TableFactors> adapter() {
        return enabled && layerConf() instanceof HasAdapter adapter
                ? Optional.of(TableFactors.of(adapter, paramTable()))
                : Optional.empty();
    }

    /**
     * Makes rows of the table those with what trains, and keeps what {@link #gradients} needs.
     *
     * @param of the rows' tokens
     * @param rows [tokens, width]
     */
    protected final void add(int[] of, INDArray rows, boolean training, LayerWorkspaceMgr workspaces) {
        ArrayType kept = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
        tokens = of;
        adapter().ifPresent(adapter -> looked = adapter.add(of, rows, kept, workspaces));
        if (enabled) {
            ownRows.ifPresent(own -> own.putInto(getParam(TrainsTokens.ROWS), of, rows));
        }
    }

    /**
     * Writes the gradients of what trains; zeros while that is off.
     *
     * @param delta derivative at the rows, [tokens, width]
     * @param factor of delta
     */
    protected final Gradient gradients(INDArray delta, double factor) {
        Gradient result = new DefaultGradient();
        Map<String, INDArray> views = gradientViews;
        if (views != null && !views.isEmpty()) {
            write(delta, factor, views);
            views.forEach(result::setGradientFor);
        }
        return result;
    }

    private void write(INDArray delta, double factor, Map<String, INDArray> views) {
        int[] of = Objects.requireNonNull(tokens);
        Optional<TableFactors> adapter = adapter();
        if (enabled && ownRows.isPresent()) {
            INDArray view = Objects.requireNonNull(views.get(TrainsTokens.ROWS));
            ownRows.get().addUp(delta, of, view);
            if (factor != 1) {
                view.muli(factor);
            }
        } else if (adapter.isPresent()) {
            INDArray a = Objects.requireNonNull(views.get(HasAdapter.A));
            INDArray b = Objects.requireNonNull(views.get(HasAdapter.B));
            adapter.get().writeGradients(delta, Objects.requireNonNull(looked), of, factor, a, b);
        } else {
            views.values().forEach(view -> view.assign(0));
        }
    }

    @Override
    public void clear() {
        super.clear();
        tokens = null;
        looked = null;
    }
}
