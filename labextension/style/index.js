import '../../widgets/style/chunkscope.css';
import '../../widgets/style/views.css';
import './panel.css';
