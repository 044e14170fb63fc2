/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.util.List;
import java.util.Set;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMAPE;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossMSLE;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;

/**
 * The meaning of a network's only output, read from its activation and its loss.
 *
 * @param columns how wide it is
 */
public record NetworkOutput(Kind kind, int columns) {

    /** Kinds of answers. */
    public enum Kind {
        /** A column a class. */
        CLASSES,
        /** One column: the probability of the second of two classes. */
        BINARY,
        /** Numbers, as of a regression; several may be one-hot classes, too. */
        NUMBERS
    }

    private static final Set<Class<? extends ILossFunction>> OF_NUMBERS = Set.of(
            LossMSE.class,
            LossL2.class,
            LossMAE.class,
            LossL1.class,
            LossMAPE.class,
            LossMSLE.class,
            LossPoisson.class);

    /**
     * That of a network.
     *
     * @throws BadInputException if it has several outputs, or one that is no output layer
     */
    public static NetworkOutput of(ComputationGraphConfiguration network) {
        int columns = NetworkInput.outputColumns(network);
        String name = network.getNetworkOutputs().get(0);
        BaseOutputLayer layer =
                (BaseOutputLayer) GraphLayers.layer(network, name).orElseThrow();
        boolean sigmoid = layer.getActivationFn() instanceof ActivationSigmoid;
        if (columns == 1 && (sigmoid || layer.getLossFn() instanceof LossBinaryXENT)) {
            return new NetworkOutput(Kind.BINARY, 1);
        }
        boolean numbers = OF_NUMBERS.contains(layer.getLossFn().getClass())
                && !sigmoid
                && !(layer.getActivationFn() instanceof ActivationSoftmax);
        if (columns == 1 && !numbers) {
            throw new BadInputException("the model's output layer '" + name + "' has one column with the activation "
                    + layer.getActivationFn() + " and the loss " + layer.getLossFn()
                    + ": it must be a sigmoid (two classes), or have a loss of regressions such as MSE");
        }
        return new NetworkOutput(numbers ? Kind.NUMBERS : Kind.CLASSES, columns);
    }

    /** How many classes it tells apart. */
    public int classes() {
        return kind == Kind.BINARY ? 2 : columns;
    }

    /** Refuses several outputs, which no table or folder of pictures feeds. */
    static BadInputException several(List<String> outputs) {
        return new BadInputException("the model has " + outputs.size() + " outputs " + outputs
                + ", and a table or a folder has labels for one: train it in Java, where"
                + " AdaptedModel.attach(...).graph().fit takes a MultiDataSet");
    }

    /** Whether a layer is one that says something of each example. */
    static boolean isOutput(BaseOutputLayer layer) {
        return !LayerKinds.readsSequences(layer) && layer.getNOut() > 0;
    }
}
