/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;

/**
 * A batch norm or an activation that no product could take in: one pass over the rows.
 *
 * @param layout the layout DL4J's layer expects of images; features are always accepted
 * @param channels the channel count, or 0 for any
 */
record AffineStep(RowShape.Layout layout, int channels, Epilogue epilogue) implements RowOperation {

    @Override
    public boolean accepts(List<RowValue> inputs) {
        RowValue input = inputs.get(0);
        if (input instanceof RowValue.Rows rows && channels == 0) {
            return rows.shape().c() > 0;
        }
        return channels > 0
                && (Inputs.fits(input, layout, channels) || Inputs.fits(input, RowShape.Layout.FEATURES, channels));
    }

    @Override
    public RowValue.Rows run(List<RowValue> inputs, Frame frame) {
        RowValue input = inputs.get(0);
        RowShape.Layout wanted = layout;
        if (input instanceof RowValue.Rows rows) {
            wanted = rows.shape().layout();
        } else if (Inputs.fits(input, RowShape.Layout.FEATURES, channels)) {
            wanted = RowShape.Layout.FEATURES;
        }
        RowValue.Rows x = frame.rows(input, wanted);
        if (x != input) {
            return new RowValue.Rows(x.block(), x.shape(), epilogue);
        }
        RowValue.Rows z = frame.rows(x.shape(), epilogue);
        z.block().front(x.shape().floats()).assign(x.block().front(x.shape().floats()));
        return z;
    }

    @Override
    public boolean readsPending() {
        return false;
    }

    @Override
    public String kind() {
        return "affine";
    }
}
