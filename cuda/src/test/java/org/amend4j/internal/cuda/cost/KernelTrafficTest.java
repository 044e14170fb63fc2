/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.KernelSources;
import org.amend4j.internal.backend.AccumulationLaws;
import org.amend4j.internal.backend.ActivationLaws;
import org.amend4j.internal.backend.BatchNormLaws;
import org.amend4j.internal.backend.CachedAttentionLaws;
import org.amend4j.internal.backend.ClippedRows;
import org.amend4j.internal.backend.ClippingLaws;
import org.amend4j.internal.backend.ColumnNormLaws;
import org.amend4j.internal.backend.ConvolutionLaws;
import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.internal.backend.DropoutLaws;
import org.amend4j.internal.backend.ElementwiseLaws;
import org.amend4j.internal.backend.EmbeddingLaws;
import org.amend4j.internal.backend.EpilogueLaws;
import org.amend4j.internal.backend.GateLaws;
import org.amend4j.internal.backend.ImageCase;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.LayerNormLaws;
import org.amend4j.internal.backend.LossLaws;
import org.amend4j.internal.backend.LowRankLaws;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.OptimizerLaws;
import org.amend4j.internal.backend.PieceLaws;
import org.amend4j.internal.backend.PoolingLaws;
import org.amend4j.internal.backend.ResamplingLaws;
import org.amend4j.internal.backend.RmsNormLaws;
import org.amend4j.internal.backend.RotaryLaws;
import org.amend4j.internal.backend.RowAttentionLaws;
import org.amend4j.internal.backend.StorageLaws;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.network.Activation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is counted for a kernel, against every access of the compiled kernel; by default {@link CountedStepTest} does so for those of a step. */
@Tag("exhaustive")
class KernelTrafficTest {

    /** How much of an input they read depends on what is in it: numbers twice, rows of no example, what is dropped or not seen. */
    private static final Set<String> AT_MOST = Set.of(
            "attention",
            "attention_deltas",
            "attention_query_gradient",
            "attention_key_gradient",
            "begin_step",
            "cached_attention",
            "copy_pieces",
            "dropout",
            "gather",
            "gather_pair",
            "join_parts",
            "patches_to_image",
            "rotate_halves",
            "token_cross_entropy");

    @Test
    void whatIsCountedIsWhatKernelsTouch() throws IOException {
        Set<String> wrong = new TreeSet<>();
        try (AuditedDevice device = AuditedDevice.open()) {
            laws(device);
            for (AuditedDevice.Audit audit : device.audits()) {
                boolean right = AT_MOST.contains(audit.kernel())
                        ? isAtMost(audit.touched(), audit.counted())
                        : audit.touched().equals(audit.counted());
                if (!right) {
                    wrong.add(audit.toString());
                }
            }
            Set<String> seen =
                    device.audits().stream().map(AuditedDevice.Audit::kernel).collect(Collectors.toSet());
            assertEquals(Set.of(), missing(seen), "kernels that no law launched");
        }
        assertTrue(wrong.isEmpty(), String.join("\n", wrong));
    }

    private static boolean isAtMost(Traffic touched, Traffic counted) {
        return touched.read() <= counted.read() && touched.written() <= counted.written();
    }

    private static Set<String> missing(Set<String> seen) throws IOException {
        return KernelSources.names().stream()
                .filter(source -> !source.equals("adapter")) // on ND4J's own arrays
                .map(KernelSource::resource)
                .flatMap(source -> source.kernels().stream())
                .map(KernelSignature::name)
                .filter(kernel -> !seen.contains(kernel))
                .collect(Collectors.toSet());
    }

    private static void laws(AuditedDevice device) {
        Kernels kernels = device.kernels();
        ElementType type = ElementType.FLOAT;
        AccumulationLaws.accumulate(device, kernels.accumulation(), type, 77, 3, 1.0 / 3, 31);
        for (Activation.Kind kind : new Activation.Kind[] {Activation.Kind.TANH, Activation.Kind.IDENTITY}) {
            ActivationLaws.plain(device, kernels.activation(), type, 70, 37, 3, 31, kind);
            ActivationLaws.epilogue(device, kernels.activation(), type, 70, 37, 3, 31, kind);
            ActivationLaws.gradient(device, kernels.activation(), type, 150, 37, 3, 31, kind);
            ActivationLaws.adapterGradient(device, kernels.activation(), type, 150, 37, 3, 31, kind);
        }
        ActivationLaws.columnSums(device, kernels.activation(), type, 150, 10, 3, 0, 31);
        rowsOfBfloat16(device, kernels);
        BatchNormLaws.batchNorm(device, kernels.batchNorm(), type, 3, 5, 7, 31);
        CachedAttentionLaws.attention(device, kernels.cachedAttention(), type, CachedAttentionLaws.some());
        ClippingLaws.bounds(
                device, kernels.clipping(), type, List.of(ProductPrecision.FP32), ClippedRows.random(7, 4, 31), 3);
        ClippingLaws.clip(device, kernels.clipping(), type, 7, 4, 3, 31);
        ColumnNormLaws.scales(device, kernels.columnNorms(), type, 67, 131, 4, 0.5, 45);
        try (MachineArray key = device.allocate("key", new int[DropoutKernels.KEY_LENGTH])) {
            kernels.dropout().setKey(key, 1);
        }
        DropoutLaws.definition(device, kernels.dropout(), type, 5, 137, 3, 31);
        ElementwiseLaws.arithmetic(device, kernels.elementwise(), type, 300, 31);
        ElementwiseLaws.maximum(device, kernels.elementwise(), type, 300, 31);
        ElementwiseLaws.merge(device, kernels.elementwise(), type, 5, 31);
        ElementwiseLaws.transpose(device, kernels.elementwise(), type, 3, 40, 40, 31);
        EmbeddingLaws.embed(device, kernels.embedding(), type, 57, 33, 2, 31);
        EmbeddingLaws.gatherPair(device, kernels.embedding(), type, 57, 36, 10, 4, 4, 32);
        for (EpilogueLaws.Numbers numbers : List.of(EpilogueLaws.Numbers.FP32, EpilogueLaws.Numbers.HALVES)) {
            EpilogueLaws.cases().filter(shape -> shape.m() == 70).forEach(shape -> {
                EpilogueLaws.bias(device, device::multiply, numbers, shape);
                EpilogueLaws.rectifier(device, device::multiply, numbers, shape);
                EpilogueLaws.gradient(device, device::multiply, numbers, shape);
            });
        }
        GateLaws.gate(device, kernels.gate(), type, 9, 37, 3, 31, Activation.Kind.SWISH);
        LayerNormLaws.layerNorm(device, kernels.layerNorm(), type, 9, 37, 3, 31);
        LossLaws.crossEntropy(device, kernels.loss(), type, 9, 37, 3, 31);
        LossLaws.tokens(device, kernels.loss(), type, 9, 37, 3, 31);
        LossLaws.sigmoid(device, kernels.loss(), type, 9, 37, 3, 31);
        LossLaws.squaredError(device, kernels.loss(), type, 9, 37, 3, 31);
        LossLaws.total(device, kernels.loss(), type, 300, 31);
        LossLaws.rowSums(device, kernels.loss(), type, 9, 37, 31);
        LowRankLaws.products(device, kernels.lowRank(), type, 70, 263, 18, 3, 31);
        LowRankLaws.products(device, kernels.lowRank(), type, 70, 264, 4, 4, 32);
        LowRankLaws.products(device, kernels.lowRank(), type, 1030, 8, 2, 0, 32);
        OptimizerLaws.steps(device, kernels.optimizer(), type, 777, 31);
        PieceLaws.copies(device, kernels.pieces(), type, 31);
        OptimizerLaws.walk(device, kernels.optimizer(), type);
        RmsNormLaws.rmsNorm(device, kernels.rmsNorm(), type, 9, 37, 3, 31);
        RotaryLaws.turned(device, kernels.rotary(), type, 9, 3, 4, 3);
        RowAttentionLaws.cases()
                .limit(3)
                .forEach(some -> RowAttentionLaws.attention(device, kernels.rowAttention(), type, some));
        StorageLaws.storages().forEach(storage -> {
            StorageLaws.encoding(device, kernels.storage(), type, storage, 515, 31);
            StorageLaws.decoding(device, kernels.storage(), storage, 136, 1, 7, 8, 16);
            StorageLaws.decoding(device, kernels.storage(), storage, 37, 1, 4, 5, 20);
            StorageLaws.decoding(device, kernels.storage(), storage, 37, 2, 3, 0, 37);
        });
        StorageLaws.rounding(device, kernels.storage(), 515, 31);
        StorageLaws.roundingRows(device, kernels.storage(), 9, 37, 3, 31);
        StorageLaws.roundingRows(device, kernels.storage(), 9, 40, 4, 32);
        ImageCase.all().stream().limit(3).forEach(images -> {
            ConvolutionLaws.patches(device, kernels.convolution(), type, images);
            ConvolutionLaws.depthwise(device, kernels.convolution(), type, images);
            PoolingLaws.max(device, kernels.pooling(), type, images, false);
            PoolingLaws.average(device, kernels.pooling(), type, images, false);
        });
        ResamplingLaws.cases().stream().limit(2).forEach(images -> {
            ResamplingLaws.upsampling(device, kernels.resampling(), type, images);
            ResamplingLaws.cropping(device, kernels.resampling(), type, images);
        });
    }

    private static void rowsOfBfloat16(AuditedDevice device, Kernels kernels) {
        ElementType type = ElementType.BFLOAT16;
        for (int columns : new int[] {36, 37}) {
            Activation.Kind kind = Activation.Kind.TANH;
            ActivationLaws.plain(device, kernels.activation(), type, 70, columns, 4, 32, kind);
            ActivationLaws.epilogue(device, kernels.activation(), type, 70, columns, 4, 32, kind);
            ActivationLaws.gradient(device, kernels.activation(), type, 150, columns, 4, 32, kind);
            ActivationLaws.adapterGradient(device, kernels.activation(), type, 150, columns, 4, 32, kind);
        }
        ActivationLaws.columnSums(device, kernels.activation(), type, 150, 10, 3, 0.5, 31);
        ElementwiseLaws.arithmetic(device, kernels.elementwise(), type, 300, 31);
        ElementwiseLaws.maximum(device, kernels.elementwise(), type, 300, 31);
        ElementwiseLaws.merge(device, kernels.elementwise(), type, 5, 31);
        ElementwiseLaws.transpose(device, kernels.elementwise(), type, 3, 40, 40, 31);
        EmbeddingLaws.gather(device, kernels.embedding(), type, 57, 33, 2, 31);
        EmbeddingLaws.gatherPair(device, kernels.embedding(), type, 57, 33, 10, 2, 2, 31);
        EmbeddingLaws.gatherPair(device, kernels.embedding(), type, 9, 12, 36, 4, 8, 32);
        LowRankLaws.products(device, kernels.lowRank(), type, 70, 263, 18, 3, 31);
        LowRankLaws.products(device, kernels.lowRank(), type, 70, 264, 4, 8, 32);
        PieceLaws.copies(device, kernels.pieces(), type, 31);
    }
}
