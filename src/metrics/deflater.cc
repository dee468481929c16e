#include "metrics/deflater.h"
