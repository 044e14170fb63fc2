/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Arrays;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Window;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;

/** Global pooling: the maximum or average of whole images or sequences. */
public final class GlobalPoolingKind implements LayerKind<GlobalPoolingLayer> {

    @Override
    public Class<GlobalPoolingLayer> configuration() {
        return GlobalPoolingLayer.class;
    }

    @Override
    public int read(LayerReading<GlobalPoolingLayer> reading) {
        GlobalPoolingLayer layer = reading.layer();
        Shape from = reading.from();
        int[] given = layer.getPoolingDimensions();
        boolean known = layer.getPoolingType() == PoolingType.AVG || layer.getPoolingType() == PoolingType.MAX;
        boolean fits = given == null ? reading.channelsFirst() : Arrays.equals(given, pixels(reading));
        if (!known || !fits || !layer.isCollapseDimensions()) {
            throw reading.unsupported("pools by " + layer.getPoolingType() + " over the dimensions "
                    + Arrays.toString(given) + "; averages and maxima of whole images or sequences are known");
        }
        Window whole = Window.whole(from.height(), from.width());
        Operation operation = layer.getPoolingType() == PoolingType.MAX
                ? new Operation.MaxPool(whole)
                : new Operation.AveragePool(whole, false);
        return reading.addFeatures(operation, from.channels());
    }

    /** The dimensions of an array that are not channels. */
    private static int[] pixels(LayerReading<GlobalPoolingLayer> reading) {
        int first = reading.channelsFirst() ? 2 : 1;
        return reading.readsSteps() ? new int[] {first} : new int[] {first, first + 1};
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }

    @Override
    public boolean readsSteps() {
        return true;
    }

    /** Deeplearning4j says of a pooling over steps that the steps stay. */
    @Override
    public InputType output(GlobalPoolingLayer layer, InputType from, InputType inferred) {
        return layer.isCollapseDimensions() && inferred instanceof InputTypeRecurrent steps
                ? InputType.feedForward(steps.getSize())
                : inferred;
    }
}
