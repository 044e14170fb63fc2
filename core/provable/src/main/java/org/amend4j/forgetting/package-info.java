/** The short way to a network that forgets: {@link org.amend4j.forgetting.ForgetfulModel}. */
@NullMarked
package org.amend4j.forgetting;

import org.jspecify.annotations.NullMarked;
