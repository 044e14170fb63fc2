/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Tag("kernels")
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
                Trained.of(Optional.of(new Trained.Adapter(a, b, 2, new Dropout(0.5)))));
        INDArray x = TestNetworks.normal(DataType.DOUBLE, random, 1, INPUTS);
        LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
        INDArray y = Nd4j.create(DataType.DOUBLE, new long[] {1, 5}, 'f');
        product.forward(x, y, true, ArrayType.ACTIVATIONS, none);
        INDArray gradA = a.dup('f');
        INDArray dx = Nd4j.create(DataType.DOUBLE, new long[] {1, INPUTS}, 'f');
        INDArray d = TestNetworks.normal(DataType.DOUBLE, random, 1, 5);
        product.backward(d, Optional.of(dx), ArrayType.BP_WORKING_MEM, none);
        product.gradients(
                d,
                new LoraProduct.Gradients(
                        Optional.of(new LoraProduct.Gradients.Factors(gradA, b.dup('f'))), Trained.Vectors.NONE),
                false,
                none);
        int dropped = 0;
        for (int i = 0; i < INPUTS; i++) {
            boolean gone = gradA.getDouble(i, 0) == 0;
            assertEquals(gone, dx.getDouble(0, i) == 0, "input " + i);
            dropped += gone ? 1 : 0;
        }
        assertTrue(dropped > 0 && dropped < INPUTS, "dropped " + dropped);
    }

    /** Few rows get their bias by a product with kept ones, many by ND4J's addition: both round {@code xW + b} once. */
    @Test
    void the_bias_is_added_to_the_bit_whatever_the_number_of_rows() {
        Random random = new Random(2);
        INDArray weight = TestNetworks.normal(DataType.FLOAT, random, 3, 70).dup('f');
        INDArray bias = TestNetworks.normal(DataType.FLOAT, random, 1, 70);
        LoraProduct product = new LoraProduct(weight, Optional.of(bias), Trained.NONE);
        for (int n : new int[] {1, 2, 300, 4096, 4097, 2}) {
            INDArray x = TestNetworks.normal(DataType.FLOAT, random, n, 3);
            for (char order : new char[] {'c', 'f'}) {
                INDArray expected = Nd4j.create(DataType.FLOAT, new long[] {n, 70}, order);
                Nd4j.gemm(x, weight, expected, false, false, 1, 0);
                expected.addiRowVector(bias);
                INDArray y = Nd4j.create(DataType.FLOAT, new long[] {n, 70}, order);
                product.forward(x, y, false, ArrayType.ACTIVATIONS, LayerWorkspaceMgr.noWorkspaces());
                assertTrue(ArrayBytes.same(expected, y), n + " rows, order " + order);
            }
        }
    }

    /** The ones must not live in the workspace that was open when they were made. */
    @Test
    void a_bias_outlives_the_workspace_of_its_first_batch() {
        Random random = new Random(3);
        INDArray bias = TestNetworks.normal(DataType.FLOAT, random, 1, 4);
        LoraProduct product = new LoraProduct(Nd4j.zeros(DataType.FLOAT, 3, 4), Optional.of(bias), Trained.NONE);
        for (int step = 0; step < 3; step++) {
            try (MemoryWorkspace inside =
                    Nd4j.getWorkspaceManager().getAndActivateWorkspace("a_bias_outlives_the_workspace")) {
                INDArray clutter = Nd4j.valueArrayOf(new long[] {7 + step}, 9f);
                INDArray x = Nd4j.ones(DataType.FLOAT, 2, 3);
                INDArray y = Nd4j.create(DataType.FLOAT, new long[] {2, 4}, 'f');
                product.forward(x, y, false, ArrayType.ACTIVATIONS, LayerWorkspaceMgr.noWorkspaces());
                assertTrue(clutter.length() > 0 && ArrayBytes.same(y.getRow(1).dup(), bias.reshape(4)));
            }
        }
    }

    @Test
    void kernels_get_the_product_and_what_is_to_be_added_and_their_result_is_kept() {
        Fixture fixture = new Fixture();
        LoraProduct plain = fixture.product(Optional.empty());
        INDArray expected = fixture.forward(plain);
        FakeKernels kernels = new FakeKernels(true);
        INDArray y = fixture.forward(fixture.product(Optional.of(kernels)));
        assertEquals(1, kernels.sums.size());
        AdapterSum sum = kernels.sums.get(0);
        assertTrue(sum.y() == y && sum.up() == fixture.b, "the layer's own arrays");
        assertEquals(Fixture.SCALING, sum.scale());
        assertTrue(ArrayBytes.same(fixture.x.mmul(fixture.a), sum.low().dup('c')), "low is xA");
        assertTrue(ArrayBytes.same(fixture.x.mmul(fixture.weight), kernels.products.get(0)), "y holds the product");
        assertTrue(ArrayBytes.same(fixture.bias, sum.bias().orElseThrow()));
        assertTrue(ArrayBytes.same(kernels.results.get(0), y.dup('c')), "the result is the layer's");
        // 3 + 2 products and sums in another order, of terms that add up to less than 100
        assertEquals(0, expected.sub(y).amaxNumber().doubleValue(), 100 * 8 * Math.scalb(1.0, -53));
    }

    /** A layer under kernels that decline must not be told from one without kernels. */
    @Test
    void kernels_that_decline_change_no_byte() {
        Fixture fixture = new Fixture();
        FakeKernels kernels = new FakeKernels(false);
        INDArray y = fixture.forward(fixture.product(Optional.of(kernels)));
        assertTrue(ArrayBytes.same(fixture.forward(fixture.product(Optional.empty())), y));
        assertEquals(1, kernels.asked);
        assertTrue(kernels.sums.isEmpty());
    }

    @Test
    void kernels_are_not_asked_while_the_adapter_is_off_or_where_there_is_none() {
        Fixture fixture = new Fixture();
        FakeKernels kernels = new FakeKernels(true);
        LoraProduct product = fixture.product(Optional.of(kernels));
        product.setEnabled(false);
        fixture.forward(product);
        fixture.forward(new LoraProduct(fixture.weight, Optional.of(fixture.bias), Trained.NONE, Optional.of(kernels)));
        assertEquals(0, kernels.asked);
    }

    /** A small adapted layer. */
    private static final class Fixture {

        static final double SCALING = 2;

        final Random random = new Random(4);
        final INDArray x = TestNetworks.normal(DataType.DOUBLE, random, 7, 3);
        final INDArray weight = TestNetworks.normal(DataType.DOUBLE, random, 3, 5);
        final INDArray bias = TestNetworks.normal(DataType.DOUBLE, random, 1, 5);
        final INDArray a = TestNetworks.normal(DataType.DOUBLE, random, 3, 2).dup('f');
        final INDArray b = TestNetworks.normal(DataType.DOUBLE, random, 2, 5).dup('f');

        LoraProduct product(Optional<LoraKernels> kernels) {
            return new LoraProduct(
                    weight,
                    Optional.of(bias),
                    Trained.of(Optional.of(new Trained.Adapter(a, b, SCALING, null))),
                    kernels);
        }

        INDArray forward(LoraProduct product) {
            INDArray y = Nd4j.create(DataType.DOUBLE, new long[] {7, 5}, 'f');
            return product.forward(x, y, true, ArrayType.ACTIVATIONS, LayerWorkspaceMgr.noWorkspaces());
        }
    }
}
