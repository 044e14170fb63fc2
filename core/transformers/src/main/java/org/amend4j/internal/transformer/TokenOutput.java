/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import org.amend4j.internal.lora.layer.GraphOutput;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What running heads have in common, whether their weight trains or is a base's. */
interface TokenOutput extends GraphOutput {

    /** What is computed from the input that is set. */
    HeadPass pass();

    @Override
    default double computeScore(double regularization, boolean training, LayerWorkspaceMgr workspaces) {
        return pass().score(getLabels()) + regularization;
    }

    @Override
    default INDArray computeScoreForExamples(double regularization, LayerWorkspaceMgr workspaces) {
        return pass().scores(getLabels(), regularization);
    }

    @Override
    default boolean needsLabels() {
        return true;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface demands it
    default int numLabels() {
        return (int) pass().head().vocabulary();
    }
}
