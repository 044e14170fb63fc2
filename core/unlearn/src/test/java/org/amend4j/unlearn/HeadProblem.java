/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Random;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;

/**
 * A small linear head with weight decay, its bound by convergence, and the same head in 50 digits.
 *
 * @param objective what is descended on
 * @param exact the same
 * @param featureRadius X, the constant feature of a bias included
 * @param inputs features, that one included
 * @param rounding of its gradients
 * @param bound the default one
 */
record HeadProblem(
        HeadObjective objective,
        ExactHead exact,
        double featureRadius,
        int inputs,
        RoundingModel rounding,
        ConvergenceBound bound) {

    /** Logistic or softmax, hard or soft labels, with or without a bias, any normaliser; 2 to 12 parameters, 1 to 12 records. */
    static HeadProblem random(Random random) {
        boolean bias = random.nextInt(3) == 0;
        int outputs = random.nextBoolean() ? 1 : 2 + random.nextInt(2);
        int least = outputs == 1 && !bias ? 2 : 1;
        int inputs = least + random.nextInt(12 / outputs - (bias ? 1 : 0) - least + 1);
        int records = 1 + random.nextInt(12);
        double size = Math.pow(10, random.nextDouble() * 1.5 - 1);
        double[][] x = new double[records][];
        double[][] labels = new double[records][outputs];
        for (int r = 0; r < records; r++) {
            x[r] = random.doubles(inputs, -size, size).toArray();
            label(labels[r], random);
        }
        double decay = Math.pow(10, -3 * random.nextDouble());
        // more planned than there are, fewer, or a mean
        Optional<Double> normaliser = random.nextInt(3) == 0
                ? Optional.empty()
                : Optional.of(records * (0.5 + random.nextInt(4) / 2.0 + random.nextDouble() / 10));
        return of(x, labels, bias, normaliser, decay);
    }

    private static void label(double[] label, Random random) {
        if (label.length == 1) {
            label[0] = random.nextInt(4) == 0 ? random.nextDouble() : random.nextInt(2);
        } else if (random.nextInt(4) == 0) {
            label[0] = random.nextInt(1025) / 1024.0;
            label[1] = 1 - label[0];
        } else {
            label[random.nextInt(label.length)] = 1;
        }
    }

    static HeadProblem of(double[][] x, double[][] labels, boolean bias, Optional<Double> normaliser, double decay) {
        int outputs = labels[0].length;
        HeadObjective plain =
                outputs == 1 ? HeadObjective.logistic(x, column(labels)) : HeadObjective.softmax(x, labels);
        HeadObjective mean = (bias ? plain.withBias() : plain).withWeightDecay(decay);
        HeadObjective objective = normaliser.map(mean::withNormaliser).orElse(mean);
        double norm = objective.largestFeatureNorm();
        double radius = bias ? Math.nextUp(Math.nextUp(Math.sqrt(norm * norm + 1))) : norm;
        int inputs = x[0].length + (bias ? 1 : 0);
        LossBounds bounds = bounds(outputs, radius);
        RoundingModel rounding = new RoundingModel.Head(
                Summation.PAIRWISE, bounds.gradientBound().value(), radius, inputs, outputs);
        // a soft label's loss at 0 is ln 2 or ln c too
        double lossAtZero = Math.nextUp(Math.log(Math.max(2, outputs)));
        return new HeadProblem(
                objective,
                new ExactHead(x, labels, bias, normaliser.orElse((double) x.length), decay),
                radius,
                inputs,
                rounding,
                ConvergenceBound.of(objective, bounds, rounding, lossAtZero));
    }

    private static double[] column(double[][] labels) {
        double[] column = new double[labels.length];
        for (int r = 0; r < column.length; r++) {
            column[r] = labels[r][0];
        }
        return column;
    }

    static LossBounds bounds(int outputs, double radius) {
        LinearHead head = outputs == 1 ? new LinearHead.Logistic() : new LinearHead.Softmax();
        return head.bounds(radius).withCurvature(LossCurvature.STRONGLY_CONVEX);
    }

    RewindToDelete run() {
        return new RewindToDelete(objective, Recipe.untilGradient(bound.gradientNorm()), Optional.of(bound));
    }

    /** The model that the descent ends at. */
    double[] model(double[] start) throws InterruptedException {
        return run().converge(start, RecordIds.of(), StepListener.NONE);
    }

    /** A point of a norm below a number. */
    double[] point(Random random, double most) {
        double[] point = Vectors.randomUnit(objective.dimension(), random);
        Vectors.divide(point, 1 / (most * random.nextDouble()));
        return point;
    }

    /** How far the computed gradient is from the exact one. */
    BigDecimal gradientError(double[] theta) {
        double[] computed = new double[theta.length];
        objective.gradient(theta, computed);
        return ExactHead.distance(exact.gradient(ExactHead.exactly(theta)), ExactHead.exactly(computed));
    }
}
