/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Values;

/** The numbers of an operation that never change. */
final class Constants {

    private Constants() {}

    /** Weights of layers, which steps multiply rows with and may have in a form of their own; of heads over a vocabulary they have not. */
    static List<Values.Constant> weights(Operation operation) {
        return operation instanceof Operation.Product product && product.weight() instanceof Values.Constant weight
                ? List.of(weight)
                : List.of();
    }

    static List<Values.Constant> of(Operation operation) {
        List<Optional<? extends Values>> all = new ArrayList<>();
        if (operation instanceof Operation.Product product) {
            all.add(Optional.of(product.weight()));
            all.add(product.bias());
        } else if (operation instanceof Operation.Depthwise depthwise) {
            all.add(Optional.of(depthwise.weight()));
            all.add(depthwise.bias());
        } else if (operation instanceof Operation.Affine affine) {
            all.add(Optional.of(affine.factor()));
            all.add(Optional.of(affine.shift()));
        } else if (operation instanceof Operation.LayerNorm norm) {
            all.add(Optional.of(norm.gain()));
            all.add(norm.bias());
        } else if (operation instanceof Operation.RmsNorm norm) {
            all.add(Optional.of(norm.gain()));
        } else if (operation instanceof Operation.TokenEmbedding embedding) {
            embedding.tables().forEach(table -> all.add(Optional.of(table.values())));
        } else if (operation instanceof Operation.Attention attention) {
            all.add(attention.rotary().map(Operation.Angles::cosines));
            all.add(attention.rotary().map(Operation.Angles::sines));
        } else if (operation instanceof Operation.TokenLoss loss) {
            all.add(Optional.of(loss.weight()));
            all.add(loss.bias());
        } else if (operation instanceof Operation.Magnitude magnitude) {
            all.add(Optional.of(magnitude.norms().weight()));
            all.add(Optional.of(magnitude.norms().squares()));
            all.add(magnitude.bias());
        } else if (operation instanceof Operation.Gather gather) {
            all.add(Optional.of(gather.table()));
            all.add(gather.bias());
        }
        return all.stream()
                .flatMap(Optional::stream)
                .filter(Values.Constant.class::isInstance)
                .map(Values.Constant.class::cast)
                .toList();
    }
}
