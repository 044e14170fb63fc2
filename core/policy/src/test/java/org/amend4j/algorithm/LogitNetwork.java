/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.Arrays;
import org.amend4j.exact.LogitMap;
import org.amend4j.identity.Facts;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;

/** A class of softmax policies that exact values are known of, as a network of one-hot observations. */
public class LogitNetwork implements Approximator {

    private final LogitMap map;
    private double[] theta;

    public LogitNetwork(LogitMap map, double... theta) {
        this.map = map;
        this.theta = theta.clone();
    }

    public static Policy policy(LogitMap map, double... theta) {
        return new Policy(
                new LogitNetwork(map, theta),
                new Categorical(map.actions()),
                new ObservationEncoder.OneHot(map.observations()));
    }

    @Override
    public Facts facts() {
        return Facts.of("LogitNetwork").with("map", map.kind()).with("constants", map.constants());
    }

    @Override
    public int inputs() {
        return map.observations();
    }

    @Override
    public int outputs() {
        return map.actions();
    }

    @Override
    public int dimension() {
        return map.dimension();
    }

    @Override
    public double[] parameters() {
        return theta.clone();
    }

    @Override
    public void setParameters(double[] parameters) {
        theta = parameters.clone();
    }

    @Override
    public Precision precision() {
        return Precision.DOUBLE;
    }

    @Override
    public boolean recurrent() {
        return false;
    }

    @Override
    public Pass forward(double[] inputs, int[] lengths) {
        int count = inputs();
        int actions = outputs();
        int rows = Arrays.stream(lengths).sum();
        double[] outputs = outputs(inputs, rows);
        return new Pass() {
            @Override
            public double[] outputs() {
                return outputs.clone();
            }

            @Override
            public void backward(double[] derivatives, double[] gradient) {
                double[] ofLogits = new double[count * actions];
                for (int row = 0; row < rows; row++) {
                    for (int i = 0; i < count; i++) {
                        double input = inputs[row * count + i];
                        if (input != 0) { // all but one
                            for (int a = 0; a < actions; a++) {
                                ofLogits[i * actions + a] += input * derivatives[row * actions + a];
                            }
                        }
                    }
                }
                double[] pulled = map.pullBack(theta, ofLogits);
                for (int i = 0; i < pulled.length; i++) {
                    gradient[i] += pulled[i];
                }
            }
        };
    }

    @Override
    public Stepper stepper(int rows) {
        return (inputs, sequences, begins) -> outputs(inputs, sequences.length);
    }

    private double[] outputs(double[] inputs, int rows) {
        double[] logits = map.logits(theta);
        int count = inputs();
        int actions = outputs();
        double[] outputs = new double[rows * actions];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < count; i++) {
                double input = inputs[row * count + i];
                if (input != 0) { // all but one
                    for (int a = 0; a < actions; a++) {
                        outputs[row * actions + a] += input * logits[i * actions + a];
                    }
                }
            }
        }
        return outputs;
    }
}
