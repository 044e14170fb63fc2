import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Gives README's first snippet a network with the layers it names, and eight records. Prints nothing itself. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Path model = Path.of("model.zip");
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("rows")
                .addLayer("dense_1", dense(20, 30), "rows")
                .addLayer("dense_2", dense(30, 30), "dense_1")
                .addLayer("output", head(30, 3), "dense_2")
                .setOutputs("output")
                .build());
        network.init();
        network.save(new File(model.toString()));

        DataSet records = new DataSet(Nd4j.rand(8, 20), Nd4j.eye(3).getRows(0, 1, 2, 0, 1, 2, 0, 1));
        new FirstUse().adapt(model, new ListDataSetIterator<>(List.of(records), 8));
    }

    private static DenseLayer dense(int inputs, int outputs) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(Activation.RELU)
                .build();
    }

    private static OutputLayer head(int inputs, int outputs) {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(outputs)
                .activation(Activation.SOFTMAX)
                .build();
    }
}
