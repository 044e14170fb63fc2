package org.amend4j.provable;

import org.amend4j.privacy.FloatSlack;
import org.amend4j.privacy.Summation;

/**
 * What {@link FloatSlack} needs to know of a linear head.
 *
 * @param featureRadius X, the constant feature included
 * @param inputs features of a record, the constant included
 * @param logits as many as make FloatSlack's allowance for the evaluation of a residual cover Deeplearning4j's: the
 *     outputs of a softmax; more than a logistic head's one, whose residual is computed by way of the probability's
 *     derivative
 */
public record HeadRounding(double featureRadius, int inputs, int logits) {

    /**
     * The slack of a run.
     *
     * @param records how many are added in a step
     * @param normaliser by which their sum is divided
     * @param gradientBound G
     */
    public FloatSlack slack(Summation summation, long records, double normaliser, double gradientBound) {
        return new FloatSlack(summation, records, normaliser, gradientBound, featureRadius, inputs, logits);
    }
}
