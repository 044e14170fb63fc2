package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LoraProductTest {

    private static final int INPUTS = 40;

    /** With a zero base weight, an input's gradient and its row of A's gradient vanish exactly where it was dropped. */
    @Test
    void forward_and_backward_share_the_dropout_mask() {
        Nd4j.getRandom().setSeed(1);
        Random random = new Random(1);
        INDArray a = TestNetworks.normal(DataType.DOUBLE, random, INPUTS, 3).dup('f');
        INDArray b = TestNetworks.normal(DataType.DOUBLE, random, 3, 5).dup('f');
        LoraProduct product = new LoraProduct(
                Nd4j.zeros(DataType.DOUBLE, INPUTS, 5),
                Optional.empty(),
                Optional.of(new LoraProduct.Adapter(a, b, 2, new Dropout(0.5))));
        INDArray x = TestNetworks.normal(DataType.DOUBLE, random, 1, INPUTS);
        LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
        INDArray y = Nd4j.create(DataType.DOUBLE, new long[] {1, 5}, 'f');
        product.forward(x, y, true, ArrayType.ACTIVATIONS, none);
        INDArray gradA = a.dup('f');
        INDArray dx = Nd4j.create(DataType.DOUBLE, new long[] {1, INPUTS}, 'f');
        INDArray d = TestNetworks.normal(DataType.DOUBLE, random, 1, 5);
        product.backward(d, Optional.of(dx), ArrayType.BP_WORKING_MEM, none);
        product.adapterGradients(d, gradA, b.dup('f'));
        int dropped = 0;
        for (int i = 0; i < INPUTS; i++) {
            boolean gone = gradA.getDouble(i, 0) == 0;
            assertEquals(gone, dx.getDouble(0, i) == 0, "input " + i);
            dropped += gone ? 1 : 0;
        }
        assertTrue(dropped > 0 && dropped < INPUTS, "dropped " + dropped);
    }
}
