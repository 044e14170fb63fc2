/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArticleTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "an LSTM",
                "a GravesLSTM",
                "an OutputLayer",
                "an RnnOutputLayer",
                "a Cnn3DLossLayer",
                "an L2Vertex",
                "a LossLayer",
                "a PReLULayer",
                "an OCNNOutputLayer",
                "an EmbeddingSequenceLayer",
                "an Upsampling2D",
                "an UnstackVertex",
                "a UnidirectionalLayer",
                "a UserLayer",
                "a OneHotLayer",
                "a Yolo2OutputLayer",
                "an IdentityLayer",
                "a SimpleRnn",
                "a SameDiffLayer",
                "a MyLayer",
                "an MLP",
                "a Bidirectional",
                "an RReLU",
                "a ReLU",
                "an X",
                "a K",
                "an org.deeplearning4j.nn.conf.layers.LSTM"
            })
    void the_article_is_that_of_the_sound(String together) {
        assertEquals(together, Article.before(together.substring(together.indexOf(' ') + 1)));
    }
}
