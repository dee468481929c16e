#include "metrics/publisher.h"
