/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import java.util.List;
import org.amend4j.internal.network.CutsPictures;
import org.amend4j.internal.validation.Checks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Pictures cut into square patches, row after row of them: [examples, channels, side, side] becomes
 * [examples · patches, channels · patch · patch], a row for each, channel after channel, as the kernel of a convolution lies. A linear
 * layer behind it is a convolution whose steps are as long as its kernel.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class PicturePatches extends RowsVertex implements CutsPictures {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final int side;

    @JsonProperty
    private final int patch;

    /**
     * Patches.
     *
     * @param side height and width of pictures, a multiple of {@code patch}
     * @param patch height and width of patches, >= 1
     */
    public PicturePatches(@JsonProperty("side") int side, @JsonProperty("patch") int patch) {
        this.patch = Checks.atLeast(1, "the side of patches", patch);
        this.side = Checks.atLeast(1, "the side of pictures", side);
        if (side % patch != 0) {
            throw new IllegalArgumentException(
                    "the side of pictures must be a multiple of the patches' " + patch + ", got " + side);
        }
    }

    /** Height and width of pictures. */
    public int side() {
        return side;
    }

    /** Height and width of patches. */
    public int patch() {
        return patch;
    }

    @Override
    int inputs() {
        return 1;
    }

    /** Numbers of a patch. */
    @Override
    public InputType getOutputType(int layerIndex, InputType... types) {
        if (types.length == 1
                && types[0] instanceof InputTypeConvolutional pictures
                && pictures.getFormat() == CNN2DFormat.NCHW
                && pictures.getHeight() == side
                && pictures.getWidth() == side) {
            return InputType.feedForward(pictures.getChannels() * patch * patch);
        }
        throw new InvalidInputTypeException("vertex of patches reads pictures [channels, " + side + ", " + side
                + "], got " + Arrays.toString(types));
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type, side, patch);
    }

    @Override
    List<Object> settings() {
        return List.of(side, patch);
    }

    /** Refuses what are no pictures of a size. */
    static INDArray require(INDArray pictures, int side, String vertex) {
        if (pictures.rank() != 4 || pictures.size(2) != side || pictures.size(3) != side) {
            throw new IllegalArgumentException("vertex '" + vertex + "' reads pictures [examples, channels, " + side
                    + ", " + side + "], got " + Arrays.toString(pictures.shape()));
        }
        return pictures;
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final int side;
        private final int patch;

        Vertex(ComputationGraph graph, String name, int index, DataType type, int side, int patch) {
            super(graph, name, index, type);
            this.side = side;
            this.patch = patch;
        }

        /** [examples, channels, row of patches, row within one, column of patches, column within one]. */
        private INDArray cut(INDArray pictures) {
            int along = side / patch;
            return pictures.reshape('c', pictures.size(0), pictures.size(1), along, patch, along, patch);
        }

        @Override
        INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
            INDArray pictures = require(input(0), side, getVertexName());
            long along = side / patch;
            long examples = pictures.size(0);
            long channels = pictures.size(1);
            INDArray rows = result(workspaces, examples * along * along, channels * patch * patch);
            rows.reshape('c', examples, along, along, channels, patch, patch)
                    .assign(cut(pictures).permute(0, 2, 4, 1, 3, 5));
            return rows;
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            INDArray pictures = derivative(workspaces, 0);
            long along = side / patch;
            INDArray patches = d.reshape('c', pictures.size(0), along, along, pictures.size(1), patch, patch);
            cut(pictures).assign(patches.permute(0, 3, 1, 4, 2, 5));
            return new INDArray[] {pictures};
        }
    }
}
